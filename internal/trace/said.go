package trace

import (
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Rules in the ids of derived rows, and in the message ids that they make.
const (
	ruleIn  = "#in"
	ruleOut = "#out"
)

// said is a message that was derived.
type said struct {
	row    *event.Event
	node   *node
	turn   *turn
	merged *event.Event // the same message as a client sent it; nil if none did
}

// messageID is the id that the message goes by.
func (s *said) messageID() string {
	if s.merged != nil {
		return s.merged.MessageID
	}
	return s.row.MessageID
}

// messages derives the messages of the turns, in conversation order.
func (f *forest) messages(turns []*turn, hash func(string) string) []*said {
	var out []*said
	for _, t := range turns {
		if t.asked != nil {
			m := &Message{}
			if !t.blank {
				m = t.asked.question()
			}
			out = append(out, f.message(t.asked.userMessage(), t, t.asked, m, hash))
		}
		for _, n := range t.said {
			m := &Message{}
			if !t.blank {
				m = n.answer()
			}
			out = append(out, f.message(n.agentMessage(), t, n, m, hash))
		}
	}
	slices.SortFunc(out, func(a, b *said) int { return order(a.row, b.row) })
	return out
}

// message finishes a row with what was said.
func (f *forest) message(e *event.Event, t *turn, n *node, m *Message, hash func(string) string) *said {
	e.TurnID = t.id
	e.Actor = e.Role
	e.Parts = m.Parts
	e.Inferred = f.guessed && e.ConversationID == e.TraceID
	if m.Text != nil {
		e.Body = new(*m.Text)
		e.BodyChars = new(event.BodyChars(*m.Text))
		if hash != nil {
			e.BodyHash = hash(*m.Text)
		}
	}
	return &said{row: e, node: n, turn: t}
}

func (n *node) userMessage() *event.Event {
	e := n.message(ruleIn, 0)
	e.Action, e.Role = "sent", event.RoleUser
	e.MessageID = n.id() + ":in"
	return e
}

func (n *node) agentMessage() *event.Event {
	e := n.message(ruleOut, n.answeredAt().Sub(n.head().OccurredAt))
	e.Action, e.Role = "received", event.RoleAgent
	if n.row != nil {
		e.MessageID = n.row.MessageID
	}
	if e.MessageID == "" {
		e.MessageID = n.id() + ":out"
	}
	return e
}

// answeredAt is when the span ended. JavaScript's clocks begin spans at whole milliseconds, cut off, and
// measure how long they last more finely: such an end is known to the millisecond, too, or an answer would
// come after the question that follows it at once.
func (n *node) answeredAt() time.Time {
	start, end := n.head().OccurredAt, n.end()
	if start.Equal(start.Truncate(time.Millisecond)) {
		return end.Truncate(time.Millisecond)
	}
	return end
}

// message begins a row with what it has of its span, so much time after the span's start. What the model
// call took and cost stays with the call.
func (n *node) message(rule string, after time.Duration) *event.Event {
	h := n.head()
	e := &event.Event{
		ID: n.id() + rule, Workspace: h.Workspace, Source: h.Source, Vocabulary: h.Vocabulary,
		SourceEvent: h.SourceEvent, SourceSubtype: h.SourceSubtype,
		OccurredAt: h.OccurredAt.Add(after), SentAt: h.SentAt, ReceivedAt: h.ReceivedAt,
		RequestSeq: h.RequestSeq, BatchIndex: h.BatchIndex, DerivedFrom: n.id(),
		UserID: h.UserID, AnonymousID: h.AnonymousID, GroupID: h.GroupID, SessionID: h.SessionID,
		Kind: event.KindMessage, ConversationID: h.ConversationID,
		TraceID: h.TraceID, SpanID: h.SpanID, ParentSpanID: h.ParentSpanID,
		AgentID: h.AgentID, AgentName: h.AgentName, AgentVersion: h.AgentVersion,
		Mode: h.Mode, Channel: h.Channel, Locale: h.Locale,
		Provider: h.Provider, RequestModel: h.RequestModel,
	}
	if !h.OriginalAt.IsZero() {
		e.OriginalAt = h.OriginalAt.Add(after)
	}
	return e
}

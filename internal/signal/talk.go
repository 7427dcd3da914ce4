package signal

import (
	"slices"
	"sort"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// talk is a conversation being judged, with what several signals need to know of it.
type talk struct {
	*Conversation
	messages []message
	// lastAnswer is, for each event, the index into Events of the last answer before it; -1: none.
	lastAnswer []int
	turns      []int          // for each event, its turn: 0 before the first question and in its turn
	texts      []*text        // of messages, by event
	byMessage  map[string]int // index of the message with an id
	taken      []bool         // events that are a signal
	found      []found        // in the order of the catalogue, later of their events
}

// message is one message of the talk.
type message struct {
	*event.Event
	at    int // into Events
	text  *text
	words enrich.Message // what the analyser found; zero if nobody looked
}

// found is a signal with what the rules need of it.
type found struct {
	event.Signal
	at, judged, turn int
	group            Group
	title            string // lower case
	overridden       bool
}

func newTalk(c *Conversation) *talk {
	n := len(c.Events)
	t := &talk{Conversation: c, lastAnswer: make([]int, n), turns: make([]int, n), taken: make([]bool, n), texts: make([]*text, n), byMessage: map[string]int{}}
	answer, turn, asking := -1, -1, false
	for i, e := range c.Events {
		t.lastAnswer[i] = answer
		if isMessage(e) {
			m := message{Event: e, at: i, text: textOf(e)}
			t.texts[i] = m.text
			if c.Found != nil && len(t.messages) < len(c.Found.Messages) {
				m.words = c.Found.Messages[len(t.messages)]
			}
			t.messages = append(t.messages, m)
			if _, ok := t.byMessage[e.MessageID]; !ok && e.MessageID != "" {
				t.byMessage[e.MessageID] = i
			}
			switch {
			case isAnswer(e):
				answer, asking = i, false
			case e.Role == event.RoleUser && !asking:
				turn, asking = turn+1, true
			}
		}
		t.turns[i] = max(turn, 0)
	}
	return t
}

func isAnswer(e *event.Event) bool {
	return isMessage(e) && (e.Role == event.RoleAgent || e.Role == event.RoleHumanAgent)
}

func isUser(e *event.Event) bool { return isMessage(e) && e.Role == event.RoleUser }

// judged returns the index of the message that an event is about: the one that it names, else the last answer
// before it; -1: none.
func (t *talk) judged(at int) int {
	e := t.Events[at]
	if i, ok := t.byMessage[e.MessageID]; ok && e.MessageID != "" {
		return i
	}
	return t.lastAnswer[at]
}

// turnOf returns the turn that a signal counts in: that of the message that it judges.
func (t *talk) turnOf(at, judged int) int {
	if judged >= 0 {
		return t.turns[judged]
	}
	return t.turns[at]
}

// positive reports whether something that speaks for an answer was found in a stretch of events, both ends included.
func (t *talk) positive(from, until int) bool {
	return slices.ContainsFunc(t.found, func(s found) bool {
		return s.Dimension == Answer && s.Weight > 0 && from <= s.at && s.at <= until
	})
}

// last is the last event.
func (t *talk) last() *event.Event { return t.Events[len(t.Events)-1] }

// lastTracked is the last event that something happened with: page views and spans are none.
func (t *talk) lastTracked() *event.Event {
	for _, e := range slices.Backward(t.Events) {
		if e.Tracked() {
			return e
		}
	}
	return t.last()
}

// ended reports whether somebody ended or deleted the conversation and nothing came of it since.
func (t *talk) ended() bool {
	for _, e := range slices.Backward(t.Events) {
		switch {
		case isMessage(e):
			return false
		case e.Kind == event.KindConversation && (e.Action == "ended" || e.Action == "deleted"):
			return true
		}
	}
	return false
}

// Idle is how long nothing must have come until a conversation counts as over. It is the time after which a
// conversion no longer belongs to it, too ([query.ConversionWindow]).
const Idle = 30 * time.Minute

// Return is how long after a conversation its person may come back.
const Return = 24 * time.Hour

// over reports whether nothing has come for [Idle], or somebody ended it.
func (t *talk) over() bool {
	return t.ended() || t.Now.Sub(t.lastTracked().OccurredAt) >= Idle
}

// returned is the first later visit of the person within [Return] of the last event, if there is one.
func (t *talk) returned() (Visit, bool) {
	last := t.lastTracked().OccurredAt
	var first Visit
	for _, v := range t.Others {
		if v.From.After(last) && v.From.Sub(last) <= Return && (first.ConversationID == "" || v.From.Before(first.From)) {
			first = v
		}
	}
	return first, first.ConversationID != ""
}

// override takes the weight from what was implied of a message that somebody rated: the rating decides.
func (t *talk) override() {
	rated := map[int]bool{}
	for _, s := range t.found {
		if s.judged >= 0 && (s.Name == "rating" || s.Name == "thumbs") && t.Events[s.at].MessageID != "" {
			rated[s.judged] = true
		}
	}
	for i := range t.found {
		s := &t.found[i]
		if s.group != Explicit && s.Dimension == Answer && s.Weight != 0 && s.judged >= 0 && rated[s.judged] {
			s.Weight, s.overridden = 0, true
			s.Reason += "; the rating of this answer counts instead"
		}
	}
}

// sort brings the signals into the order of their events; those of one event stay in that of the catalogue.
func (t *talk) sort() {
	sort.SliceStable(t.found, func(i, j int) bool { return t.found[i].at < t.found[j].at })
}

func (t *talk) signals() []event.Signal {
	var out []event.Signal
	for _, s := range t.found {
		out = append(out, s.Signal)
	}
	return out
}

// gap is the time between two events, in words.
func (t *talk) gap(from, until int) string {
	return span(t.Events[until].OccurredAt.Sub(t.Events[from].OccurredAt))
}

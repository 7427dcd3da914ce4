package insight

import (
	"context"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Checks are what the checks of whole conversations have found.
type Checks struct {
	Conversations int64    `json:"conversations"` // looked at
	Checks        []*Check `json:"checks"`
}

// Check is one check of whole conversations. Count and LookedAt count what Unit says: conversations or
// events.
type Check struct {
	Kind        string         `json:"kind"`
	Description string         `json:"description"`
	Count       int64          `json:"count"`
	LookedAt    int64          `json:"looked_at"` // how many could have been found
	Unit        string         `json:"unit"`
	Reasons     []*CheckReason `json:"reasons"`  // of a check with several
	Examples    []string       `json:"examples"` // ids of conversations, at most 10
}

// CheckReason is how many findings of a check have a reason; one may have several.
type CheckReason struct {
	Description string `json:"description"`
	Count       int64  `json:"count"`
}

const (
	maxCheckExamples = 10
	// checkChunk is how many conversations are looked at together: it bounds memory.
	checkChunk = 5000
)

// checks are the four, by name.
type checks struct {
	Checks
	unprompted, unknown, gap, count  *Check
	skips, parentless, answersInARow *CheckReason
}

func newChecks() *checks {
	c := &checks{
		unprompted:    &Check{Kind: "response_without_prompt", Description: "the first message is an answer", Unit: "conversations"},
		unknown:       &Check{Kind: "unknown_message", Description: "feedback, a tool call or an artifact names a message that is not there", Unit: "events"},
		gap:           &Check{Kind: "gap", Description: "something seems to be missing between the messages", Unit: "conversations"},
		count:         &Check{Kind: "message_count_mismatch", Description: "the client counts other messages than those that came", Unit: "conversations"},
		skips:         &CheckReason{Description: "turn numbers skip one"},
		parentless:    &CheckReason{Description: "a message follows one that is not there"},
		answersInARow: &CheckReason{Description: "an answer follows an answer, without a user's message between them"},
	}
	c.gap.Reasons = []*CheckReason{c.skips, c.parentless, c.answersInARow}
	c.Checks.Checks = []*Check{c.unprompted, c.unknown, c.gap, c.count}
	for _, k := range c.Checks.Checks {
		k.Examples = []string{}
		if k.Reasons == nil {
			k.Reasons = []*CheckReason{}
		}
	}
	return c
}

func (k *Check) found(n int64, conversation string) {
	k.Count += n
	if n > 0 && len(k.Examples) < maxCheckExamples {
		k.Examples = append(k.Examples, conversation)
	}
}

// CheckConversations looks at the conversations of the scope, by their time, with all their events. It
// holds some thousands of them at a time.
func (in *Insight) CheckConversations(ctx context.Context, s Scope) (*Checks, error) {
	out := newChecks()
	var chunk []*eventstore.ConversationRow
	for row, err := range in.AllConversations(ctx, s) {
		if err != nil {
			return nil, err
		}
		if chunk = append(chunk, row); len(chunk) == checkChunk {
			if err := in.checkChunk(ctx, out, chunk); err != nil {
				return nil, err
			}
			chunk = chunk[:0]
		}
	}
	if err := in.checkChunk(ctx, out, chunk); err != nil {
		return nil, err
	}
	return &out.Checks, nil
}

// thread is what the checks need to know of one conversation.
type thread struct {
	first, last string // role of the first message, and of the newest
	messages    map[string]bool
	references  []string // messages that events name
	parents     []string
	turns       []int64
	inARow      bool
}

func (in *Insight) checkChunk(ctx context.Context, out *checks, chunk []*eventstore.ConversationRow) error {
	if len(chunk) == 0 {
		return nil
	}
	threads := make(map[string]*thread, len(chunk))
	ids := make([]string, len(chunk))
	r := query.Range{From: chunk[0].FirstEventAt, Until: chunk[0].LastEventAt}
	for i, row := range chunk {
		ids[i] = row.ID
		threads[row.ID] = &thread{messages: map[string]bool{}}
		if row.FirstEventAt.Before(r.From) {
			r.From = row.FirstEventAt
		}
		if row.LastEventAt.After(r.Until) {
			r.Until = row.LastEventAt
		}
	}
	r.Until = r.Until.Add(1000) // a microsecond: the range does not have its end
	l := query.List{Grain: query.Events, Range: r, Filter: query.AllOf(query.Is("conversation_id", query.Eq, ids...),
		query.Is("kind", query.Eq, string(event.KindMessage), string(event.KindFeedback), string(event.KindTool), string(event.KindArtifact)))}
	for e, err := range in.Store.Events(ctx, l) {
		if err != nil {
			return fmt.Errorf("check conversations: %w", err)
		}
		threads[e.ConversationID].add(e)
	}
	for _, row := range chunk {
		out.judge(row, threads[row.ID])
	}
	return nil
}

// add notes an event; they come in conversation order.
func (t *thread) add(e *event.Event) {
	if e.Kind != event.KindMessage {
		if e.MessageID != "" {
			t.references = append(t.references, e.MessageID)
		}
		return
	}
	if e.MessageID != "" {
		t.messages[e.MessageID] = true
	}
	if e.ParentID != "" {
		t.parents = append(t.parents, e.ParentID)
	}
	if e.TurnIndex != nil {
		t.turns = append(t.turns, *e.TurnIndex)
	}
	switch e.Role {
	case event.RoleUser, event.RoleAgent, event.RoleHumanAgent:
	default:
		return
	}
	if t.first == "" {
		t.first = e.Role
	}
	if e.Role == event.RoleAgent && t.last == event.RoleAgent {
		t.inARow = true
	}
	t.last = e.Role
}

func (t *thread) lacks(ids []string) (n int64) {
	for _, id := range ids {
		if !t.messages[id] {
			n++
		}
	}
	return n
}

// skips reports whether a number between the first and the last turn is missing.
func (t *thread) skips() bool {
	slices.Sort(t.turns)
	turns := slices.Compact(t.turns)
	return len(turns) > 0 && turns[len(turns)-1]-turns[0] != int64(len(turns)-1)
}

func (c *checks) judge(row *eventstore.ConversationRow, t *thread) {
	c.Conversations++
	if t.first != "" {
		c.unprompted.LookedAt++
		c.gap.LookedAt++
		if t.first != event.RoleUser {
			c.unprompted.found(1, row.ID)
		}
	}
	c.unknown.LookedAt += int64(len(t.references))
	c.unknown.found(t.lacks(t.references), row.ID)
	gap := false
	for reason, is := range map[*CheckReason]bool{c.skips: t.skips(), c.parentless: t.lacks(t.parents) > 0, c.answersInARow: t.inARow} {
		if is {
			reason.Count++
			gap = true
		}
	}
	if gap {
		c.gap.found(1, row.ID)
	}
	if row.ReportedMessageCount != nil {
		c.count.LookedAt++
		if *row.ReportedMessageCount != row.Messages {
			c.count.found(1, row.ID)
		}
	}
}

// Package link finds the conversation of events that say none by nature: the click on New Chat comes before
// there is an id, and a window or a tool outside the conversation knows none. They are given the last
// conversation of the same person and session, or the next.
//
// It is pure: no clock, no I/O. What it returns is a function of the set of rows, so that order of
// arrival and repetition do not matter; what it did before, it undoes first. It knows no vocabulary: one
// that asks a conversation of an event notes where it is missing (missing_conversation_id), and such a
// fault of a client stays one. Package derive decides when to link and writes what comes out.
package link

import (
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Code notes on a row that its conversation was found by this package: To is its id, From says whether it
// is the last or the next one. The next pass undoes it before it begins.
const Code = "linked_conversation"

const (
	last = "last"
	next = "next"
)

const (
	// Window is how far away in time a row of the conversation may be, both ends included: as far as an
	// event that converts without a conversation looks for one. Who was away for longer comes back to
	// something new.
	Window = 30 * time.Minute
	// Reach is how far away in time a row may decide what is linked: a beginning within the window of the
	// row, and a conversation within the window of the beginning.
	Reach = 2 * Window
)

// Linkable reports whether a row as a client sent it, or linked since, may be given a conversation: it says
// none, and nothing that another package finds one by; its vocabulary asks for none; and it says who, or
// which session. Messages are never given one, as they would put words into it, nor are calls of models,
// as they would put costs there. What is a guess already stays as it is.
func Linkable(e *event.Event) bool {
	switch e.Kind {
	case event.KindConversation, event.KindGeneration, event.KindTool, event.KindArtifact, event.KindInteraction, event.KindFeedback:
	default:
		return false
	}
	sent := linkOf(e) != (found{}) || e.ConversationID == "" && !e.Inferred
	return sent && e.TraceID == "" && e.DerivedFrom == "" && !e.ModelCall() && e.Scope != "session" &&
		!slices.Contains(e.Violations, "missing_conversation_id") && !slices.Contains(e.Violations, "invalid_conversation_id") &&
		GroupOf(e).someone()
}

// Says reports whether a row makes its conversation exist, by an id that the client sent. Rows of traces
// do not count: their conversation is derived, too.
func Says(e *event.Event) bool {
	return e.ConversationID != "" && e.Tracked() && e.TraceID == "" && linkOf(e) == (found{})
}

// begins reports whether a row without conversation begins one.
func begins(e *event.Event) bool {
	return e.Kind == event.KindConversation && (e.Action == "created" || e.Action == "started")
}

// found is what a row was, or is to be, linked to; the zero value is nothing.
type found struct{ conversation, from string }

func linkOf(e *event.Event) found {
	for _, r := range e.Repairs {
		if r.Code == Code {
			return found{r.To, r.From}
		}
	}
	return found{}
}

// Link returns changed copies of those rows whose conversation is another now; their revision is that of
// the row given, which the caller raises. rows are all rows of one [Group], of as much time around as
// [Reach] says; others among them are left alone. None is changed. With the copies in their place, Link
// returns none.
//
// What begins a conversation is given the next one that was not there before, up to the next message of the
// user, else the next: an old one may still be heard of. Anything after it, while no conversation is
// named, goes where it goes. All else is given the last conversation, or the next one if there is no last.
func Link(rows []*event.Event) []*event.Event {
	line := newTimeline(rows)
	var changed []*event.Event
	for i, e := range line.rows {
		if !Linkable(e) {
			continue
		}
		if want := line.find(i); want != linkOf(e) {
			changed = append(changed, linked(e, want))
		}
	}
	return changed
}

// linked returns a copy of a row with another link.
func linked(e *event.Event, to found) *event.Event {
	c := *e
	c.Repairs = nil
	for _, r := range e.Repairs {
		if r.Code != Code {
			c.Repairs = append(c.Repairs, r)
		}
	}
	c.ConversationID, c.Inferred = to.conversation, to != found{}
	if c.Inferred {
		c.Repairs = append(c.Repairs, event.Repair{Code: Code, From: to.from, To: to.conversation})
	}
	return &c
}

// timeline is the rows that matter in order, each once.
type timeline struct {
	rows []*event.Event
	// before and after are, for each row, the indexes of the nearest row before it that says or begins a
	// conversation, and of the nearest after it that says one; -1 and the length if there is none.
	before, after []int
}

func newTimeline(rows []*event.Event) *timeline {
	t := &timeline{}
	for _, e := range rows {
		if Says(e) || Linkable(e) {
			t.rows = append(t.rows, e)
		}
	}
	slices.SortFunc(t.rows, func(a, b *event.Event) int {
		switch {
		case a.Before(b):
			return -1
		case b.Before(a):
			return 1
		}
		return 0
	})
	t.rows = slices.CompactFunc(t.rows, func(a, b *event.Event) bool { return a.ID == b.ID })
	n := len(t.rows)
	t.before, t.after = make([]int, n), make([]int, n)
	at := -1
	for i, e := range t.rows {
		t.before[i] = at
		if Says(e) || begins(e) {
			at = i
		}
	}
	at = n
	for i, e := range slices.Backward(t.rows) {
		t.after[i] = at
		if Says(e) {
			at = i
		}
	}
	return t
}

// find returns what a linkable row is to be linked to.
func (t *timeline) find(i int) found {
	if begins(t.rows[i]) {
		return t.begun(i)
	}
	if b := t.before[i]; t.near(i, b) {
		if Says(t.rows[b]) {
			return found{t.rows[b].ConversationID, last}
		}
		if f := t.begun(b); f != (found{}) {
			return f
		}
	}
	return t.next(i)
}

// next is the first conversation after a row.
func (t *timeline) next(i int) found {
	if a := t.after[i]; t.near(i, a) {
		return found{t.rows[a].ConversationID, next}
	}
	return found{}
}

// begun is the conversation that a row begins.
func (t *timeline) begun(i int) found {
	old := map[string]bool{}
	for b := i - 1; t.near(i, b); b-- {
		if e := t.rows[b]; Says(e) {
			old[e.ConversationID] = true
		}
	}
	for a := t.after[i]; t.near(i, a); a = t.after[a] {
		e := t.rows[a]
		if !old[e.ConversationID] {
			return found{e.ConversationID, next}
		}
		if e.Kind == event.KindMessage && e.Role == event.RoleUser {
			break // went on with an old one
		}
	}
	return t.next(i)
}

// near reports whether there is a row j, and it is within the window of row i.
func (t *timeline) near(i, j int) bool {
	return j >= 0 && j < len(t.rows) && t.rows[i].OccurredAt.Sub(t.rows[j].OccurredAt).Abs() <= Window
}

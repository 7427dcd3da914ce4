package derive

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/link"
	"github.com/debrief-dev/debrief/internal/query"
)

// click is what a window sends that knows no conversation.
func click(id, session string, at time.Time) event.Event {
	return event.Event{ID: id, Vocabulary: "unity", OccurredAt: at, Kind: event.KindInteraction, Action: "edited", UserID: "ada", SessionID: session}
}

// newChat is the click before a conversation has an id.
func newChat(id, session string, at time.Time) event.Event {
	e := click(id, session, at)
	e.Kind, e.Action = event.KindConversation, "created"
	return e
}

// prompt is a message in a session.
func prompt(id, session, conversation string, at time.Time) event.Event {
	e := said(id, conversation, event.RoleUser, "Why?", at)
	e.UserID, e.SessionID = "ada", session
	return e
}

// conversation returns where a row is, and how it came there.
func (w *world) conversation(id string) string {
	w.t.Helper()
	e := w.rows()[id]
	if string(e.Raw) != `{"raw":"`+id+`"}` {
		w.t.Errorf("%s has the raw call %s", id, e.Raw)
	}
	if e.Inferred != (len(e.Repairs) > 0) {
		w.t.Errorf("%s is inferred: %v, with repairs %v", id, e.Inferred, e.Repairs)
	}
	for _, r := range e.Repairs {
		if r.Code == link.Code && r.To == e.ConversationID {
			return r.From + " " + r.To
		}
	}
	return e.ConversationID
}

func TestEventsWithoutConversationAreLinked(t *testing.T) {
	w := newWorld(t)
	w.send(newChat("new", "s1", start), click("elsewhere", "s2", start))
	w.wait(5 * time.Second)
	if got := w.conversation("new"); got != "" {
		t.Fatalf("linked to %q when there is no conversation", got)
	}
	w.send(prompt("asked", "s1", "c1", start.Add(10*time.Second)), click("edit", "s1", start.Add(20*time.Second)))
	w.wait(4 * time.Second)
	if got := w.conversation("edit"); got != "" || w.deriver.Waiting() == 0 {
		t.Fatalf("linked to %q before its time, %d wait", got, w.deriver.Waiting())
	}
	w.wait(time.Second)
	for id, want := range map[string]string{"new": "next c1", "edit": "last c1", "elsewhere": "", "asked": "c1"} {
		if got := w.conversation(id); got != want {
			t.Errorf("%s is in %q, want %q", id, got, want)
		}
	}
	page, err := w.store.Conversations(t.Context(), query.List{Grain: query.Conversations})
	if err != nil || len(page.Conversations) != 1 || page.Conversations[0].Events != 3 || page.Conversations[0].Messages != 1 {
		t.Errorf("conversations %+v, %v; want one of 3 events, 1 of them a message", page, err)
	}
	if w.deriver.Waiting() != 0 || len(w.memory.marks) != 2 {
		t.Errorf("%d wait, marks %v; the two sessions should be watched", w.deriver.Waiting(), w.memory.marks)
	}
	before := w.rows()
	w.restart()
	w.wait(0)
	if d := cmp.Diff(before, w.rows()); d != "" || w.deriver.Waiting() != 0 {
		t.Errorf("after a restart %d wait, and the rows differ:\n%s", w.deriver.Waiting(), d)
	}
	w.wait(linkQuiet)
	if len(w.memory.marks) != 0 || len(w.deriver.marks) != 0 || len(w.deriver.linked) != 0 || w.deriver.sessions != 0 {
		t.Errorf("marks %v are left, %d in memory", w.memory.marks, w.deriver.sessions)
	}
}

// TestNothingIsPaidForWhatIsNotThere: where every event says its conversation, or should, nothing is
// remembered, and so nothing read.
func TestNothingIsPaidForWhatIsNotThere(t *testing.T) {
	w := newWorld(t)
	fault := click("fault", "s1", start)
	fault.Violations = []string{"missing_conversation_id"}
	w.send(prompt("asked", "s1", "c1", start), fault)
	if len(w.memory.marks) != 0 || len(w.deriver.marks) != 0 {
		t.Errorf("marks %v", w.memory.marks)
	}
	w.wait(time.Hour)
	if got := w.conversation("fault"); got != "" {
		t.Errorf("a fault of a client is mended: %q", got)
	}
}

// TestConversationOnItsWayIsFound: the message is noted, and not stored yet, while its session is linked.
func TestConversationOnItsWayIsFound(t *testing.T) {
	w := newWorld(t)
	w.send(click("edit", "s1", start))
	w.now = w.now.Add(5 * time.Second)
	e := prompt("asked", "s1", "c1", start.Add(time.Second))
	e.Workspace, e.Source, e.SourceEvent, e.ReceivedAt, e.Raw = "default", "app", "Message Sent", w.now, []byte(`{"raw":"asked"}`)
	w.cursor++
	if err := w.deriver.Note(t.Context(), []*event.Event{&e}, w.cursor); err != nil {
		t.Fatal(err)
	}
	w.wait(time.Minute)
	if got := w.conversation("edit"); got != "" {
		t.Fatalf("linked to %q, which is not stored", got)
	}
	if _, err := w.store.Write(t.Context(), &eventstore.Batch{Puts: []*event.Event{&e}, Cursor: w.cursor}); err != nil {
		t.Fatal(err)
	}
	w.wait(0)
	if got, want := w.conversation("edit"), "next c1"; got != want {
		t.Errorf("linked to %q, want %q", got, want)
	}
}

// interrupted is a store in which something happens once, after events were read.
type interrupted struct {
	*memstore.Store
	then func()
}

func (s *interrupted) Events(ctx context.Context, l query.List) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		s.Store.Events(ctx, l)(yield)
		if then := s.then; then != nil {
			s.then = nil
			then()
		}
	}
}

// TestConversationThatComesMeanwhileIsFound: the message is noted and stored after the rows of its session
// were read, and before they are linked.
func TestConversationThatComesMeanwhileIsFound(t *testing.T) {
	w := newWorld(t)
	w.deriver.config.Store = &interrupted{w.store, func() { w.send(prompt("asked", "s1", "c1", start.Add(time.Second))) }}
	w.send(click("edit", "s1", start))
	w.wait(5 * time.Second)
	w.wait(5 * time.Second)
	if got, want := w.conversation("edit"), "next c1"; got != want {
		t.Errorf("linked to %q, want %q", got, want)
	}
}

// TestOrderOfSessionsDoesNotMatter sends the rows of three sessions in random order, in requests of random
// size, with pauses, repetitions and restarts between them: what is stored in the end is the same.
func TestOrderOfSessionsDoesNotMatter(t *testing.T) {
	var rows []event.Event
	for i := range 24 {
		at := start.Add(time.Duration(i)*4*time.Minute + time.Duration(i)*time.Millisecond)
		id, session := fmt.Sprintf("row-%02d", i), fmt.Sprintf("s%d", i%3)
		switch i % 8 {
		case 1, 6:
			rows = append(rows, prompt(id, session, fmt.Sprintf("c%d", i/8), at))
		case 3:
			rows = append(rows, newChat(id, session, at))
		default:
			rows = append(rows, click(id, session, at))
		}
	}
	plain := newWorld(t)
	plain.send(rows...)
	plain.wait(5 * time.Second)
	want := plain.rows()
	links := 0
	for _, e := range want {
		if e.Inferred {
			links++
		}
	}
	if links < 10 {
		t.Fatalf("only %d rows are linked", links)
	}
	inAnyOrder(t, rows, want, time.Minute, 5*time.Second, func(w *world) {
		w.wait(linkQuiet)
		if len(w.memory.marks) != 0 {
			t.Fatalf("marks %v are left", w.memory.marks)
		}
	})
}

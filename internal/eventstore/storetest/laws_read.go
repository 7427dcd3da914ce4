package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

func lawNotFound(t *testing.T, s eventstore.Store) {
	missing := func(id string) {
		t.Helper()
		if e, err := s.Event(t.Context(), id); !errors.Is(err, eventstore.ErrNotFound) {
			t.Errorf("event %q: got %v, %v, want ErrNotFound", id, e, err)
		}
	}
	missing("a")
	missing("")
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	missing("A")
	if e, err := s.Event(t.Context(), "a"); err != nil || e.ID != "a" {
		t.Errorf("event a: got %v, %v", e, err)
	}
	write(t, s, retract("a", 0), eventstore.Written{Retracted: 1})
	missing("a")
}

func lawRaw(t *testing.T, s eventstore.Store) {
	a, b := message("a", 1), message("b", 2)
	a.Raw = json.RawMessage(`{"type":"track", "event":"Message Sent", "x":[1.50,1e3,"<&>\u0000"]}`)
	write(t, s, put(a, b), eventstore.Written{Stored: 2})
	raw := func(l query.List) (got []string) {
		t.Helper()
		for e, err := range s.Events(t.Context(), l) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(e.Raw))
			if e.ID == "b" && e.Raw != nil {
				t.Errorf("raw of an event without one is %q, want nil", e.Raw)
			}
		}
		return got
	}
	if diff := cmp.Diff([]string{"", ""}, raw(query.List{Grain: query.Events})); diff != "" {
		t.Errorf("without Raw (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{string(a.Raw), ""}, raw(query.List{Grain: query.Events, Raw: true})); diff != "" {
		t.Errorf("with Raw (-want +got):\n%s", diff)
	}
	e, err := s.Event(t.Context(), "a")
	if err != nil || string(e.Raw) != string(a.Raw) {
		t.Errorf("event a: got raw %s, %v, want %s", e.Raw, err, a.Raw)
	}
	again := edited(a, 1, "new")
	again.Raw = json.RawMessage(`{"type":"track"}`)
	write(t, s, put(again), eventstore.Written{Stored: 1})
	if e, err = s.Event(t.Context(), "a"); err != nil || string(e.Raw) != string(again.Raw) {
		t.Errorf("event a after revision: got raw %s, %v, want %s", e.Raw, err, again.Raw)
	}
}

// A replacement without a call keeps that of the row that it replaces, wherever it moves; one that replaces
// nothing has none.
func lawRawIsKept(t *testing.T, s eventstore.Store) {
	call := func(e *event.Event, raw string) *event.Event {
		c := *e
		if c.Raw = nil; raw != "" {
			c.Raw = json.RawMessage(raw)
		}
		return &c
	}
	raws := func(want ...string) {
		t.Helper()
		var got []string
		for e, err := range s.Events(t.Context(), query.List{Grain: query.Events, Raw: true}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(e.ID, " ", e.Revision, " ", string(e.Raw)))
			one, err := s.Event(t.Context(), e.ID)
			if err != nil || string(one.Raw) != string(e.Raw) {
				t.Errorf("event %s alone has the call %s (%v), in the list %s", e.ID, one.Raw, err, e.Raw)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
	a, b, c := message("a", 1), message("b", 2), message("c", 3)
	write(t, s, put(call(a, `"a"`), call(b, `"b"`), c), eventstore.Written{Stored: 3})
	write(t, s, put(edited(a, 1, "one"), edited(c, 1, "one")), eventstore.Written{Stored: 2})
	raws(`a 1 "a"`, `b 0 "b"`, `c 1 `)
	// In one batch: what a put brings stays with the next.
	write(t, s, put(edited(a, 2, "two"), edited(a, 3, "three"), call(edited(b, 1, "one"), `"b1"`), edited(b, 2, "two"),
		call(edited(c, 2, "two"), `"c2"`), edited(c, 2, "again")), eventstore.Written{Stored: 5, Duplicates: []int{5}})
	raws(`a 3 "a"`, `b 2 "b1"`, `c 2 "c2"`)
	// To another month, there and back in one batch, and to one that no call is of yet.
	there := edited(a, 4, "four")
	there.OccurredAt = monday.AddDate(0, 1, 0)
	far := edited(b, 3, "three")
	far.OccurredAt = monday.AddDate(1, 0, 0)
	write(t, s, put(there, edited(a, 5, "five"), far), eventstore.Written{Stored: 3})
	raws(`a 5 "a"`, `c 2 "c2"`, `b 3 "b1"`)
	moved := *there
	moved.Revision = 6
	write(t, s, put(&moved), eventstore.Written{Stored: 1})
	write(t, s, put(edited(&moved, 7, "seven")), eventstore.Written{Stored: 1})
	raws(`c 2 "c2"`, `a 7 "a"`, `b 3 "b1"`)
	// A retracted row is none that could be replaced.
	write(t, s, retract("c", 2), eventstore.Written{Retracted: 1})
	write(t, s, put(edited(c, 3, "three")), eventstore.Written{Stored: 1})
	raws(`c 3 `, `a 7 "a"`, `b 3 "b1"`)
}

func lawStop(t *testing.T, s eventstore.Store) {
	var events []*event.Event
	for i := range 100 {
		events = append(events, message(fmt.Sprint("m", i), i))
	}
	write(t, s, put(events...), eventstore.Written{Stored: 100})
	for range 20 { // an engine that leaks what a stream holds runs out of it
		n := 0
		for _, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 3 {
				break
			}
		}
	}
	seq := s.Events(t.Context(), query.List{Grain: query.Events})
	for range 2 {
		n := 0
		for range seq {
			n++
		}
		if n != 100 {
			t.Errorf("ranging over the sequence again gives %d rows, want 100", n)
		}
	}
}

func lawStats(t *testing.T, s eventstore.Store) {
	want := func(events, conversations int64) {
		t.Helper()
		deadline := time.Now().Add(10 * time.Second) // stats may be some seconds old
		for {
			st, err := s.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if st.Events == events && st.Conversations == conversations {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("stats are %+v, want %d events and %d conversations", st, events, conversations)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	want(0, 0)
	page := message("page", 3)
	page.Kind, page.Action, page.ConversationID = event.KindProduct, "viewed", "c2"
	write(t, s, put(message("a", 1), message("b", 2), page), eventstore.Written{Stored: 3})
	want(3, 1)
	write(t, s, retract("a", 0), eventstore.Written{Retracted: 1})
	want(2, 1)
	write(t, s, retract("b", 0), eventstore.Written{Retracted: 1})
	want(1, 0)
}

func lawListGrain(t *testing.T, s eventstore.Store) {
	if _, err := s.Conversations(t.Context(), query.List{Grain: query.Events}); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("conversations of the grain of events: got %v, want ErrInvalid", err)
	}
	for e, err := range s.Events(t.Context(), query.List{Grain: query.Conversations}) {
		if !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("events of the grain of conversations: got %v, %v, want ErrInvalid", e, err)
		}
	}
}

func lawInvalidQuestions(t *testing.T, s eventstore.Store) {
	bad := query.Is("no_such_field", query.Eq, "x")
	if _, err := s.Query(t.Context(), query.Query{Grain: query.Events}); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("query without measure: got %v, want ErrInvalid", err)
	}
	if _, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations, Filter: bad}); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("list of conversations with an unknown field: got %v, want ErrInvalid", err)
	}
	n := 0
	for e, err := range s.Events(t.Context(), query.List{Grain: query.Events, Filter: bad}) {
		if n++; !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("list of events with an unknown field: got %v, %v, want ErrInvalid", e, err)
		}
	}
	if n != 1 {
		t.Errorf("an invalid list gives %d pairs, want the error alone", n)
	}
}

// A cursor of another list, or of nobody, is refused; one of a row that is gone works.
func lawForeignCursor(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1), message("b", 2), message("c", 3)), eventstore.Written{Stored: 3})
	two, five := query.SortedCursor("1", "a").String(), query.EventCursor(message("a", 1)).String()
	text := query.SortedCursor("yesterday", "a").String()
	for _, c := range []struct{ list, sort, after string }{
		{"events", "", "nonsense!"}, {"events", "", two}, {"events", "occurred_at", five}, {"events", "occurred_at", text},
		{"events", "count", text}, {"conversations", "", five}, {"conversations", "", text}, {"conversations", "messages", text},
		{"events", "", query.Cursor{"x", "1", "1", "1", "a"}.String()}, {"events", "", query.Cursor{"1", "1", "x", "1", "a"}.String()},
	} {
		_, _, err := page(t.Context(), s, query.List{Grain: query.Grain(c.list), Sort: c.sort, After: c.after})
		if !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("list of %s by %q after %q: got %v, want ErrInvalid", c.list, c.sort, c.after, err)
		}
	}
	l := query.List{Grain: query.Events, After: query.EventCursor(message("b", 2)).String()}
	write(t, s, retract("b", 0), eventstore.Written{Retracted: 1})
	rows, _, err := page(t.Context(), s, l)
	if err != nil || len(rows) != 1 || rows[0].(*event.Event).ID != "c" {
		t.Errorf("after a row that is gone: got %v, %v, want c", rows, err)
	}
}

// More rows than an engine hands over at once.
func lawManyRows(t *testing.T, s eventstore.Store) {
	const n = 5000
	b := &eventstore.Batch{}
	for i := range n {
		e := message(fmt.Sprintf("m%05d", i*7919%n), i*7919%n)
		e.ConversationID = fmt.Sprint("c", i%1500)
		b.Puts = append(b.Puts, e)
	}
	write(t, s, b, eventstore.Written{Stored: n})
	i := 0
	for e, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("m%05d", i); e.ID != want {
			t.Fatalf("row %d is %s, want %s", i, e.ID, want)
		}
		i++
	}
	if i != n {
		t.Errorf("got %d rows, want %d", i, n)
	}
	first, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
	if err != nil || len(first.Conversations) != query.DefaultPage || first.Next == "" {
		t.Errorf("a page without limit has %d rows, next %q (%v), want %d", len(first.Conversations), first.Next, err, query.DefaultPage)
	}
	seen := map[string]bool{}
	q := question{list: &query.List{Grain: query.Conversations, Limit: 700}}
	a := q.ask(t.Context(), s)
	for _, row := range a.rows {
		seen[row.(eventstore.ConversationRow).ID] = true
	}
	if a.err != nil || len(seen) != 1500 || len(a.rows) != 1500 {
		t.Errorf("pages give %d rows, %d conversations (%v), want 1500", len(a.rows), len(seen), a.err)
	}
}

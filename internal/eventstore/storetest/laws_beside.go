package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// analysed is an analysis with every field set, and its signals too.
func analysed(id string, version int64) *event.Analysis {
	a := &event.Analysis{Signals: make([]event.Signal, 2)}
	fill := func(of reflect.Value, n int) {
		for f, v := range of.Fields() {
			switch x := v.Addr().Interface().(type) {
			case *string:
				*x = fmt.Sprint(f.Name, " \x00 ü'\" ", n)
			case *int64:
				*x = int64(1)<<53 + int64(n)
			case *float64:
				*x = 0.1 + float64(n)
			case **float64:
				*x = new(0.1 * float64(n))
			case *time.Time:
				*x = monday.Add(time.Duration(n)*time.Second + 1001*time.Nanosecond).In(time.FixedZone("", 3600))
			}
		}
	}
	fill(reflect.ValueOf(a).Elem(), int(version))
	for i := range a.Signals {
		fill(reflect.ValueOf(&a.Signals[i]).Elem(), i)
	}
	a.ConversationID, a.Version = id, version
	return a
}

// hasAnalyses wants exactly these analyses among those of some conversations.
func hasAnalyses(t *testing.T, s eventstore.Store, ids []string, want ...*event.Analysis) {
	t.Helper()
	got, err := s.Analyses(t.Context(), ids)
	if err != nil {
		t.Fatalf("analyses: %v", err)
	}
	all := map[string]*event.Analysis{}
	for _, a := range want {
		c := *a
		c.AnalysedAt = c.AnalysedAt.UTC().Truncate(time.Microsecond)
		c.Signals = slices.Clone(c.Signals)
		for i := range c.Signals {
			c.Signals[i].At = c.Signals[i].At.UTC().Truncate(time.Microsecond)
		}
		all[c.ConversationID] = &c
	}
	if diff := cmp.Diff(all, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("analyses (-want +got):\n%s", diff)
	}
}

// Analyses come back as they were put, the newest of each conversation, whether it exists or not.
func lawAnalyses(t *testing.T, s eventstore.Store) {
	ids := []string{"c1", "c2", "c3", "c1", "nobody"}
	hasAnalyses(t, s, ids)
	hasAnalyses(t, s, nil)
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	given, empty := analysed("c1", 1), &event.Analysis{ConversationID: "c2", Version: 7}
	write(t, s, &eventstore.Batch{Analyses: []*event.Analysis{given, empty}}, eventstore.Written{})
	hasAnalyses(t, s, ids, analysed("c1", 1), &event.Analysis{ConversationID: "c2", Version: 7})
	hasAnalyses(t, s, []string{"c2"}, empty)
	*given.Quality, given.Signals[0].Name = 9, "changed" // the store's own
	hasAnalyses(t, s, []string{"c1"}, analysed("c1", 1))
	got, err := s.Analyses(t.Context(), []string{"c1"})
	if err != nil {
		t.Fatal(err)
	}
	*got["c1"].Quality, got["c1"].Signals[0].Name = 9, "changed" // the caller's own
	hasAnalyses(t, s, []string{"c1"}, analysed("c1", 1))

	// An older version replaces a newer one: the last that is written counts.
	write(t, s, &eventstore.Batch{Analyses: []*event.Analysis{analysed("c1", 3), analysed("c2", 3), analysed("c1", 2)}}, eventstore.Written{})
	hasAnalyses(t, s, ids, analysed("c1", 2), analysed("c2", 3))
	write(t, s, &eventstore.Batch{Analyses: []*event.Analysis{{ConversationID: "c1"}, {ConversationID: "never"}}}, eventstore.Written{})
	hasAnalyses(t, s, ids, analysed("c2", 3))
	write(t, s, &eventstore.Batch{Analyses: []*event.Analysis{{ConversationID: "c2"}, analysed("c2", 4)}}, eventstore.Written{})
	hasAnalyses(t, s, ids, analysed("c2", 4))
	if _, err := s.Analyses(t.Context(), make([]string, query.MaxPage+1)); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("too many analyses: got %v, want ErrInvalid", err)
	}
	if st, err := s.Stats(t.Context()); err != nil || st.Events != 1 || st.Conversations != 1 {
		t.Errorf("stats are %+v (%v), want one event of one conversation", st, err)
	}
}

// What is known beside rows makes no conversation exist, waits for it, and outlives its rows.
func lawAnalysesAfterRows(t *testing.T, s eventstore.Store) {
	exist := func(want ...string) {
		t.Helper()
		p, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range p.Conversations {
			got = append(got, fmt.Sprint(c.ID, " ", c.Outcome, " ", c.Topic, " ", c.Labels))
		}
		if !slices.Equal(got, want) {
			t.Errorf("conversations %q, want %q", got, want)
		}
	}
	write(t, s, &eventstore.Batch{
		Analyses: []*event.Analysis{{ConversationID: "c1", Version: 1, Outcome: event.OutcomeResolved}},
		Topics:   []event.ConversationTopic{{ConversationID: "c1", Topic: "t1"}},
		Labels:   []event.ConversationLabels{{ConversationID: "c1", Labels: []string{"l1"}}},
		Cursor:   4,
	}, eventstore.Written{})
	if c, err := s.Cursor(t.Context()); c != 4 || err != nil {
		t.Errorf("cursor is %d (%v), want 4", c, err)
	}
	exist()
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	exist("c1 resolved t1 [l1]")
	write(t, s, retract("a", 0), eventstore.Written{Retracted: 1})
	exist()
	write(t, s, &eventstore.Batch{Puts: []*event.Event{message("b", 2)}, Topics: []event.ConversationTopic{{ConversationID: "c1", Topic: "t2"}}},
		eventstore.Written{Stored: 1})
	exist("c1 resolved t2 [l1]")
}

func lawTopics(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	f := func(want string, said ...event.ConversationTopic) {
		t.Helper()
		write(t, s, &eventstore.Batch{Topics: said}, eventstore.Written{})
		p, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Conversations[0].Topic + "/" + p.Conversations[0].TopicGroup; got != want {
			t.Errorf("%+v: topic is %q, want %q", said, got, want)
		}
	}
	f("t1/", event.ConversationTopic{ConversationID: "c1", Topic: "t1"})
	f("t2/g", event.ConversationTopic{ConversationID: "c1", Topic: "t2", Group: "g"})
	f("t2/g", event.ConversationTopic{ConversationID: "c2", Topic: "t1"})
	f("t4/", event.ConversationTopic{ConversationID: "c1", Topic: "t3", Group: "g"}, event.ConversationTopic{ConversationID: "c1", Topic: "t4"})
	f("/", event.ConversationTopic{ConversationID: "c1", Group: "g"})
}

func lawLabels(t *testing.T, s eventstore.Store) {
	write(t, s, put(message("a", 1)), eventstore.Written{Stored: 1})
	f := func(want []string, said ...[]string) {
		t.Helper()
		b := &eventstore.Batch{}
		for _, l := range said {
			b.Labels = append(b.Labels, event.ConversationLabels{ConversationID: "c1", Labels: l})
		}
		write(t, s, b, eventstore.Written{})
		p, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Conversations[0].Labels; !slices.Equal(got, want) {
			t.Errorf("%q: labels are %q, want %q", said, got, want)
		}
	}
	f([]string{"a", "b", "É\x00"}, []string{"b", "", "É\x00", "a", "b"})
	f([]string{"c"}, []string{"c"})
	f([]string{"e"}, []string{"d"}, []string{"e"})
	f(nil, []string{""})
	f([]string{"a"}, []string{"a"})
	f(nil, nil)
}

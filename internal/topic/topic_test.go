package topic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
)

type memory map[string]Decision

func (m memory) Decisions(context.Context) ([]Decision, error) {
	var out []Decision
	for _, d := range m {
		out = append(out, d)
	}
	return out, nil
}

func (m memory) PutDecisions(_ context.Context, some []Decision) error {
	for _, d := range some {
		m[d.ID] = d
	}
	return nil
}

// fixture is a store with conversations about three things, and topics over it.
type fixture struct {
	*testing.T
	store     *memstore.Store
	decisions memory
	path      string
	now       time.Time
	n         int
	topics    *Topics
}

var about3 = [][]string{
	{"where is my card delivery", "my new card has not been delivered", "when is the card delivered to me", "delivery of the card is late"},
	{"what is the exchange rate of euros", "exchange rate for dollars please", "show exchange rates", "at which rate do you exchange euros"},
	{"I forgot my password", "reset the password", "my password is wrong", "change a lost password"},
}

func start(t *testing.T) *fixture {
	f := &fixture{T: t, store: memstore.New(), decisions: memory{}, path: filepath.Join(t.TempDir(), "topics.model"), now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	f.open()
	return f
}

func (f *fixture) open() {
	f.Helper()
	var err error
	f.topics, err = Open(f.Context(), Config{Store: f.store, Decisions: f.decisions, Path: f.path, Now: func() time.Time { return f.now }})
	if err != nil {
		f.Fatal(err)
	}
}

// talk stores n conversations, of kinds 0, 1 and 2 in turn, and returns their ids.
func (f *fixture) talk(n int) []string {
	f.Helper()
	b := &eventstore.Batch{}
	var ids []string
	for range n {
		id := fmt.Sprint("c", f.n)
		question := about3[f.n%3][f.n/3%4] + fmt.Sprintf(" since %d", f.n%7)
		for k, text := range []string{question, "Here is what I know."} {
			role, action := event.RoleUser, "sent"
			if k == 1 {
				role, action = event.RoleAgent, "received"
			}
			at := f.now.Add(-time.Hour + time.Duration(f.n)*time.Second + time.Duration(k)*time.Millisecond)
			b.Puts = append(b.Puts, &event.Event{ID: fmt.Sprint(id, "-", k), Kind: event.KindMessage, Action: action, Role: role, Actor: role, Source: "web",
				ConversationID: id, MessageID: fmt.Sprint(id, "m", k), Body: &text, OccurredAt: at, ReceivedAt: at, OriginalAt: at})
		}
		ids = append(ids, id)
		f.n++
	}
	if _, err := f.store.Write(f.Context(), b); err != nil {
		f.Fatal(err)
	}
	return ids
}

// work does all there is to do.
func (f *fixture) work() {
	f.Helper()
	for range 100 {
		more, err := f.topics.Work(f.Context())
		if err != nil {
			f.Fatal(err)
		}
		if !more {
			return
		}
	}
	f.Fatal("there is always more to do")
}

// of returns the topics of conversations.
func (f *fixture) of() map[string]string {
	f.Helper()
	page, err := f.store.Conversations(f.Context(), query.List{Grain: query.Conversations, Limit: 1000})
	if err != nil {
		f.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range page.Conversations {
		out[c.ID] = c.Topic
	}
	return out
}

// id is the topic of what was said first of a kind.
func (f *fixture) id(kind int) string { return f.of()[fmt.Sprint("c", kind)] }

func TestTopicsAreFoundOnceThereAreEnough(t *testing.T) {
	f := start(t)
	f.talk(30)
	f.work()
	if s, err := f.topics.Status(t.Context()); err != nil || s.Topics != 0 || s.Conversations != 30 || s.Needed != 50 || s.FoundAt != nil {
		t.Fatalf("with 30 conversations: %+v, %v", s, err)
	}
	f.talk(30)
	f.now = f.now.Add(time.Minute)
	f.work()
	s, err := f.topics.Status(t.Context())
	if err != nil || s.Topics < 3 || s.FoundAt == nil || s.Waiting != 0 || s.Rewriting || s.Used != 60 {
		t.Fatalf("with 60 conversations: %+v, %v", s, err)
	}
	if f.id(0) == f.id(1) || f.id(1) == f.id(2) {
		t.Errorf("different things have the same topic: %q %q %q", f.id(0), f.id(1), f.id(2))
	}
}

func TestWhatComesIsAssignedAtOnce(t *testing.T) {
	f := start(t)
	f.talk(60)
	f.work()
	ids := f.talk(3)
	f.topics.Note(ids)
	f.work()
	of := f.of()
	for k, id := range ids {
		if of[id] == "" || of[id] == Other {
			t.Errorf("%s, kind %d: got topic %q", id, k, of[id])
		}
	}
}

func TestTopicsStayAfterARestart(t *testing.T) {
	f := start(t)
	f.talk(60)
	f.work()
	before := f.of()
	f.open()
	ids := f.talk(3) // nobody notes them
	f.work()
	after := f.of()
	for id, topic := range before {
		if after[id] != topic {
			t.Errorf("%s: topic %q became %q", id, topic, after[id])
		}
	}
	for _, id := range ids {
		if after[id] == "" {
			t.Errorf("%s came while nobody looked, and has no topic", id)
		}
	}
}

func TestMergesAndExclusionsMoveConversationsAndSurviveARefit(t *testing.T) {
	f := start(t)
	f.talk(90)
	f.work()
	card, rate, password := f.id(0), f.id(1), f.id(2)
	change := func(id string, c Change) {
		t.Helper()
		if err := f.topics.Update(t.Context(), id, c); err != nil {
			t.Fatal(err)
		}
		f.work()
	}
	check := func(when, a, b, c string) {
		t.Helper()
		if x, y, z := f.id(0), f.id(1), f.id(2); x != a || y != b || z != c {
			t.Errorf("%s: got %q %q %q, want %q %q %q", when, x, y, z, a, b, c)
		}
	}
	yes, no, none, name := true, false, "", "Forgotten passwords"
	change(card, Change{MergedInto: &rate})
	check("merged", rate, rate, password)
	change(password, Change{Excluded: &yes, Name: &name})
	check("excluded", rate, rate, Other)
	f.topics.Refit()
	f.talk(30)
	f.now = f.now.Add(time.Hour)
	f.work()
	check("found anew", rate, rate, Other)
	if got := f.topics.Names("topic", []string{password}); got[password] != name {
		t.Errorf("name after topics were found anew: got %q, want %q", got[password], name)
	}
	change(password, Change{Excluded: &no})
	change(card, Change{MergedInto: &none})
	check("taken back", card, rate, password)
}

func TestMergesInACircleAreRefused(t *testing.T) {
	f := start(t)
	f.talk(60)
	f.work()
	a, b, unknown := f.id(0), f.id(1), "t-unknown"
	if err := f.topics.Update(t.Context(), a, Change{MergedInto: &b}); err != nil {
		t.Fatal(err)
	}
	if err := f.topics.Update(t.Context(), b, Change{MergedInto: &a}); !errors.Is(err, ErrInvalid) {
		t.Errorf("back: got %v, want ErrInvalid", err)
	}
	if err := f.topics.Update(t.Context(), b, Change{MergedInto: &unknown}); !errors.Is(err, ErrNotFound) {
		t.Errorf("into nothing: got %v, want ErrNotFound", err)
	}
	if err := f.topics.Update(t.Context(), unknown, Change{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("of nothing: got %v, want ErrNotFound", err)
	}
}

func TestAModelThatCannotBeReadIsMadeAnew(t *testing.T) {
	f := start(t)
	f.talk(60)
	if err := os.WriteFile(f.path, []byte("debrief topic state 9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.open()
	f.work()
	if s, err := f.topics.Status(t.Context()); err != nil || s.Topics < 3 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestDetailShowsTypicalQuestionsWithAnswers(t *testing.T) {
	f := start(t)
	f.talk(60)
	f.work()
	d, err := f.topics.Detail(t.Context(), f.id(2))
	if err != nil || len(d.Typical) == 0 || len(d.Related) == 0 {
		t.Fatalf("got %+v, %v", d, err)
	}
	of := f.of()
	for _, q := range d.Typical {
		if of[q.ConversationID] != d.ID || q.Question == "" || q.Answer != "Here is what I know." {
			t.Errorf("typical %+v of topic %s", q, d.ID)
		}
	}
	if _, err := f.topics.Detail(t.Context(), "t-unknown"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: got %v, want ErrNotFound", err)
	}
}

package analysis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

// memory keeps marks as the metadata store does.
type memory struct {
	marks    map[string]Mark
	state    State
	settings signal.Settings
	fails    int // calls that fail from now on
}

var errDisk = errors.New("the disk is full")

func (m *memory) failing() error {
	if m.fails > 0 {
		m.fails--
		return errDisk
	}
	return nil
}

func (m *memory) NoteConversations(_ context.Context, ids []string, position uint64, now time.Time, quiet, longest time.Duration) error {
	if err := m.failing(); err != nil {
		return err
	}
	for _, id := range ids {
		x := Mark{Conversation: id, Position: position, First: now, Due: now.Add(quiet)}
		if old, ok := m.marks[id]; ok {
			x.Position = max(x.Position, old.Position)
			if old.Class != Time {
				x.First = old.First
				if last := old.First.Add(longest); last.Before(x.Due) {
					x.Due = last
				}
			}
		}
		m.marks[id] = x
	}
	return nil
}

func (m *memory) DueConversations(_ context.Context, now time.Time, cursor uint64, limit int) ([]Mark, error) {
	var due []Mark
	for _, x := range m.marks {
		if !x.Due.After(now) && x.Position <= cursor {
			due = append(due, x)
		}
	}
	slices.SortFunc(due, func(a, b Mark) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Conversation, b.Conversation))
	})
	return due[:min(limit, len(due))], nil
}

func (m *memory) SettleConversations(_ context.Context, done, add []Mark) error {
	if err := m.failing(); err != nil {
		return err
	}
	for _, x := range done {
		if m.marks[x.Conversation] == x {
			delete(m.marks, x.Conversation)
		}
	}
	for _, x := range add {
		if old, ok := m.marks[x.Conversation]; !ok || old.Class == Time && (x.Class < Time || x.Due.Before(old.Due)) {
			m.marks[x.Conversation] = x
		}
	}
	return nil
}

func (m *memory) WaitingConversations(context.Context) (n int64, next time.Time, err error) {
	for _, x := range m.marks {
		if x.Class != Time {
			n++
		}
		if next.IsZero() || x.Due.Before(next) {
			next = x.Due
		}
	}
	return n, next, nil
}

func (m *memory) State(context.Context) (State, error) { return m.state, nil }

func (m *memory) SetProgress(_ context.Context, target int64, cursor string, finished bool) error {
	m.state.Target, m.state.Cursor, m.state.Finished = target, cursor, finished
	return nil
}

func (m *memory) SetLearned(_ context.Context, learned string, raise bool) error {
	if m.state.Learned = learned; raise {
		m.state.Generation++
	}
	return nil
}

func (m *memory) RaiseGeneration(context.Context) error { m.state.Generation++; return nil }

func (m *memory) Settings(context.Context) (signal.Settings, error) { return m.settings, nil }

func (m *memory) SetSetting(_ context.Context, name string, s signal.Setting) error {
	next := signal.Settings{}
	for k, v := range m.settings {
		next[k] = v
	}
	next[name] = s
	m.settings = next
	m.state.Generation++
	return nil
}

// flaky is a store whose writes may fail.
type flaky struct {
	*memstore.Store
	fails int
}

func (f *flaky) Write(ctx context.Context, b *eventstore.Batch) (eventstore.Written, error) {
	if f.fails > 0 {
		f.fails--
		return eventstore.Written{}, errDisk
	}
	return f.Store.Write(ctx, b)
}

// words finds failed answers by one word; a text that panics, panics.
type words struct{}

func (words) Explain(turns []enrich.Turn, _ int) []enrich.Reasons {
	return make([]enrich.Reasons, len(turns))
}

func (words) Analyse(turns []enrich.Turn) enrich.Conversation {
	c := enrich.Conversation{Messages: make([]enrich.Message, len(turns))}
	for i, t := range turns {
		c.Messages[i].Language = "en"
		if strings.Contains(t.Text, "sorry") {
			c.Messages[i].Failed = 0.9
		}
		if t.Text == "panic" {
			panic("what somebody wrote")
		}
	}
	return c
}

type rig struct {
	*testing.T
	*Analysis
	store    *flaky
	marks    *memory
	now      time.Time
	position uint64
}

var start = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func newRig(t *testing.T) *rig {
	r := &rig{T: t, store: &flaky{Store: memstore.New()}, marks: &memory{marks: map[string]Mark{}}, now: start}
	r.reopen()
	return r
}

// reopen is a restart.
func (r *rig) reopen() {
	r.Helper()
	a, err := Open(r.Context(), Config{Store: r.store, Marks: r.marks, Analyser: words{}, Now: func() time.Time { return r.now }})
	if err != nil {
		r.Fatal(err)
	}
	r.Analysis = a
}

// come stores rows as the pipeline does.
func (r *rig) come(rows ...*event.Event) {
	r.Helper()
	r.position++
	if err := r.Note(r.Context(), rows, r.position); err != nil {
		r.Fatal(err)
	}
	if _, err := r.store.Store.Write(r.Context(), &eventstore.Batch{Puts: rows, Cursor: r.position}); err != nil {
		r.Fatal(err)
	}
}

// passes lets time go by and does what is due.
func (r *rig) passes(d time.Duration) int {
	r.Helper()
	r.now = r.now.Add(d)
	n, err := r.Analyse(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	return n
}

func (r *rig) of(id string) *event.Analysis {
	r.Helper()
	all, err := r.store.Analyses(r.Context(), []string{id})
	if err != nil {
		r.Fatal(err)
	}
	return all[id]
}

// outcome fails unless the conversation's outcome is want, "" for no analysis.
func (r *rig) outcome(id, want string) {
	r.Helper()
	got, why := "", ""
	if x := r.of(id); x != nil {
		got, why = x.Outcome, x.OutcomeReason
	}
	if got != want {
		r.Errorf("after %v outcome of %s is %q (%s), want %q", r.now.Sub(start), id, got, why, want)
	}
}

// say makes a message, seconds after the start.
func say(conversation, user, role string, second int, text string) *event.Event {
	id := fmt.Sprintf("%s-%s-%d", conversation, role, second)
	at := start.Add(time.Duration(second) * time.Second)
	return &event.Event{ID: id, MessageID: id, Source: "app", Vocabulary: "segment", Kind: event.KindMessage, Action: "sent", Role: role, Actor: role,
		UserID: user, ConversationID: conversation, OccurredAt: at, ReceivedAt: at, Body: &text}
}

func rate(conversation, user string, second int, score float64) *event.Event {
	e := say(conversation, user, "", second, "")
	e.ID += "-rating"
	e.Kind, e.Action, e.Body, e.MessageID, e.Score = event.KindFeedback, "rated", nil, "", &score
	return e
}

func TestConversationIsAnalysedAMomentLater(t *testing.T) {
	r := newRig(t)
	r.come(say("c", "ada", "user", 0, "what is the price of SAP?"), say("c", "ada", "agent", 3, "it is 120"))
	r.passes(time.Second)
	r.outcome("c", "")
	r.passes(time.Second)
	r.outcome("c", "open")
	if x := r.of("c"); x.Version != r.Version() || !x.AnalysedAt.Equal(r.now) || x.Language != "en" {
		t.Errorf("analysis %+v", x)
	}
	// A late rating corrects it, though nothing else does.
	r.come(rate("c", "ada", 9, 0))
	r.passes(31 * time.Minute)
	r.outcome("c", "failed")
}

func TestTimeDecides(t *testing.T) {
	r := newRig(t)
	r.come(say("c", "ada", "user", 0, "what is the price of SAP?"), say("c", "ada", "agent", 3, "it is 120"))
	r.passes(2 * time.Second)
	r.outcome("c", "open")
	if n := r.passes(29 * time.Minute); n != 0 {
		t.Errorf("%d were analysed before their time", n)
	}
	r.passes(2 * time.Minute)
	r.outcome("c", "open") // the person may come back
	r.passes(24 * time.Hour)
	r.outcome("c", "abandoned")
	if n, next, _ := r.marks.WaitingConversations(t.Context()); n != 0 || !next.IsZero() {
		t.Errorf("%d wait, the next until %v", n, next)
	}
}

func TestPersonWhoComesBackChangesTheConversationBefore(t *testing.T) {
	r := newRig(t)
	r.come(say("first", "ada", "user", 0, "what is the price of SAP?"), say("first", "ada", "agent", 3, "it is 120"))
	r.passes(time.Hour)
	r.outcome("first", "open")
	r.come(say("second", "ada", "user", 3600, "what is the price of Apple?"), say("second", "ada", "agent", 3603, "it is 200"))
	r.passes(2 * time.Second)
	r.passes(0)
	r.outcome("first", "resolved")
	// What comes in the second from now on is nothing new to the first.
	before := r.of("first").AnalysedAt
	r.come(say("second", "ada", "user", 3660, "thanks"))
	r.passes(2 * time.Second)
	r.passes(time.Second)
	if at := r.of("first").AnalysedAt; !at.Equal(before) {
		t.Errorf("the first conversation was analysed again at %v", at)
	}
}

func TestSignInLinksConversationsOfOnePerson(t *testing.T) {
	r := newRig(t)
	a, b := say("first", "", "user", 0, "what is the price of SAP?"), say("first", "", "agent", 3, "it is 120")
	a.AnonymousID, b.AnonymousID = "anonymous", "anonymous"
	r.come(a, b)
	r.passes(time.Hour)
	signed := say("second", "ada", "user", 3600, "what is the price of Apple?")
	signed.AnonymousID = "anonymous"
	r.come(signed, say("second", "ada", "agent", 3603, "it is 200"))
	r.passes(2 * time.Second)
	r.passes(0)
	r.outcome("first", "resolved")
}

func TestPeopleDecidedAnewAreLookedAtAgain(t *testing.T) {
	r := newRig(t)
	r.come(say("first", "ada", "user", 0, "what is the price of SAP?"), say("first", "ada", "agent", 3, "it is 120"))
	r.come(say("second", "bea", "user", 3600, "what is the price of Apple?"), say("second", "bea", "agent", 3603, "it is 200"))
	r.passes(2 * time.Hour)
	r.outcome("first", "open")
	decide := func(person string) {
		t.Helper()
		b := &eventstore.Batch{Identities: []event.Identity{{Type: event.IdentityUser, ID: "bea", Person: person}}}
		if _, err := r.store.Store.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := r.Revisit(t.Context(), []string{"ada", "bea"}); err != nil {
			t.Fatal(err)
		}
		r.passes(0)
	}
	decide("ada")
	r.outcome("first", "resolved")
	decide("")
	r.outcome("first", "open")
}

func TestConversationThatPanicsStopsNoOther(t *testing.T) {
	r := newRig(t)
	r.come(say("bad", "ada", "user", 0, "panic"), say("good", "bob", "user", 0, "what is the price?"), say("good", "bob", "agent", 3, "sorry"))
	r.passes(time.Hour)
	r.outcome("bad", "")
	r.outcome("good", "failed")
	if n, _ := r.Waiting(t.Context()); n != 0 {
		t.Errorf("%d wait", n)
	}
}

func TestFailuresAreTriedAgain(t *testing.T) {
	f := func(name string, breaks func(r *rig)) {
		t.Helper()
		r := newRig(t)
		r.come(say("c", "ada", "user", 0, "what is the price?"), say("c", "ada", "agent", 3, "sorry"))
		r.now = r.now.Add(time.Hour)
		breaks(r)
		if _, err := r.Analyse(t.Context()); !errors.Is(err, errDisk) {
			t.Errorf("%s: got error %v", name, err)
		}
		r.reopen() // as after a crash
		r.passes(0)
		r.outcome("c", "failed")
	}
	f("store", func(r *rig) { r.store.fails = 1 })
	f("marks", func(r *rig) { r.marks.fails = 1 })
}

func TestMarksAreDurableBeforeRowsAreStored(t *testing.T) {
	r := newRig(t)
	r.marks.fails = 1
	if err := r.Note(t.Context(), []*event.Event{say("c", "ada", "user", 0, "hello")}, 1); !errors.Is(err, errDisk) {
		t.Errorf("got error %v", err)
	}
	// Marked, but not stored: it waits for its rows.
	if err := r.Note(t.Context(), []*event.Event{say("c", "ada", "user", 0, "hello")}, 1); err != nil {
		t.Fatal(err)
	}
	r.passes(time.Hour)
	if n, _ := r.Waiting(t.Context()); n != 1 {
		t.Errorf("%d wait for their rows", n)
	}
	r.come(say("c", "ada", "user", 0, "hello"))
	r.passes(time.Hour)
	r.outcome("c", "failed")
}

func TestHistoryIsAnalysedAgain(t *testing.T) {
	r := newRig(t)
	const n = historyPage + 20
	var rows []*event.Event
	for i := range n {
		id, user := fmt.Sprintf("c%04d", i), fmt.Sprint("u", i)
		rows = append(rows, say(id, user, "user", i, "what is the price?"), say(id, user, "agent", i+2, "sorry"))
	}
	r.come(rows...)
	r.passes(time.Hour)
	finish := func() {
		t.Helper()
		for {
			more, err := r.History(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				return
			}
		}
	}
	finish()
	r.outcome("c0000", "failed")
	off := signal.Setting{Off: true}
	if err := r.SetSetting(t.Context(), "failed_answer", off); err != nil {
		t.Fatal(err)
	}
	p, err := r.Progress(t.Context())
	if err != nil || !p.Running || p.Conversations != n || p.Current != 0 {
		t.Errorf("progress %+v, %v", p, err)
	}
	if more, err := r.History(t.Context()); !more || err != nil {
		t.Fatal(more, err)
	}
	// The newest first; a restart goes on.
	r.reopen()
	if p, _ = r.Progress(t.Context()); p.Current != historyPage || !p.Running {
		t.Errorf("progress after a restart %+v", p)
	}
	r.outcome("c0000", "failed")
	finish()
	r.outcome("c0000", "open")
	if p, _ = r.Progress(t.Context()); p.Current != n || p.Running {
		t.Errorf("progress at the end %+v", p)
	}
}

func TestConversionsCountByDefinition(t *testing.T) {
	r := newRig(t)
	r.config.Conversions = func(context.Context) ([]*query.Filter, error) {
		return []*query.Filter{query.Is("source_event", query.Eq, "Stock Purchased")}, nil
	}
	buy := say("c", "ada", "", 60, "")
	buy.ID, buy.Kind, buy.Action, buy.Body, buy.SourceEvent, buy.MessageID = "buy", event.KindProduct, "tracked", nil, "Stock Purchased", ""
	r.come(say("c", "ada", "user", 0, "buy SAP"), say("c", "ada", "agent", 3, "here is the order"), buy)
	r.passes(time.Hour)
	x := r.of("c")
	if i := slices.IndexFunc(x.Signals, func(s event.Signal) bool { return s.Name == "conversion" && s.EventID == "buy" }); i < 0 {
		t.Errorf("signals %+v", x.Signals)
	}
	r.outcome("c", "resolved")
}

// Whatever the order in which calls come, and however often: once all is there, the analyses are those of
// everything at once.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for turn := range 40 {
		within := []int{100_000, 400}[turn%2] // seconds: days of visits, and several conversations at once
		var all []*event.Event
		for c := range 2 + rng.IntN(6) {
			id, user, second := fmt.Sprint("c", c), fmt.Sprint("u", rng.IntN(2)), rng.IntN(within)
			for range 1 + rng.IntN(5) {
				second += 1 + rng.IntN(100)
				all = append(all, say(id, user, "user", second, []string{"what is the price of SAP?", "thanks", "show me a chart"}[rng.IntN(3)]))
				if second += 1 + rng.IntN(60); rng.IntN(4) > 0 {
					all = append(all, say(id, user, "agent", second, []string{"it is 120", "sorry"}[rng.IntN(2)]))
				}
				if rng.IntN(5-3*(turn%2)) == 0 {
					all = append(all, rate(id, user, second+2, float64(rng.IntN(2))))
				}
			}
		}
		end := 100 * time.Hour
		want := newRig(t)
		want.come(clones(all)...)
		want.passes(end)
		want.passes(0)
		got := newRig(t)
		for len(all) > 0 {
			n := 1 + rng.IntN(len(all))
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			got.come(clones(all[:n])...)
			if all = all[n:]; rng.IntN(3) == 0 {
				all = append(all, got.stored()[rng.IntN(n)]) // comes again
			}
			if got.passes(time.Duration(rng.IntN(20)) * time.Second); rng.IntN(4) == 0 {
				got.reopen()
			}
		}
		got.passes(start.Add(end).Sub(got.now))
		got.passes(0)
		if d := gocmp.Diff(want.everything(), got.everything()); d != "" {
			t.Fatalf("seed %d (-at once +as it came):\n%s", seed, d)
		}
	}
}

// TestPersonWhoStartsOverChangesAllConversationsBefore: a conversation that comes late is a restart of each that was
// left for it, and of none once it turns out to have begun earlier.
func TestPersonWhoStartsOverChangesAllConversationsBefore(t *testing.T) {
	var first []*event.Event
	for i := range 3 {
		id := fmt.Sprint("c", i)
		first = append(first, say(id, "u", "user", i, "what is the price of SAP?"), say(id, "u", "agent", 5+i, "sorry"), rate(id, "u", 10+i, 0))
	}
	again := say("c3", "u", "user", 30, "what is the price of SAP?")
	restarts := func(r *rig) (names string) {
		for i := range 4 {
			for _, s := range r.of(fmt.Sprint("c", i)).Signals {
				if s.Name == "restart" {
					names += fmt.Sprint(" c", i)
				}
			}
		}
		return names
	}
	r := newRig(t)
	r.come(clones(first)...)
	r.passes(time.Minute)
	r.come(again)
	r.passes(time.Minute)
	r.passes(0)
	if got := restarts(r); got != " c0 c1 c2" {
		t.Errorf("after it began: restarts of%s, want those of c0 c1 c2", got)
	}
	r.come(say("c3", "u", "user", 3, "hello?")) // it began before the others ended
	r.passes(time.Minute)
	r.passes(0)
	if got := restarts(r); got != "" {
		t.Errorf("it began earlier: restarts of%s, want none", got)
	}
}

func clones(rows []*event.Event) []*event.Event {
	out := make([]*event.Event, len(rows))
	for i, e := range rows {
		c := *e
		out[i] = &c
	}
	return out
}

func (r *rig) stored() []*event.Event {
	var out []*event.Event
	for e, err := range r.store.Events(r.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			r.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// everything is what is concluded of all conversations, without when.
func (r *rig) everything() map[string]event.Analysis {
	out := map[string]event.Analysis{}
	for i := range 10 {
		if x := r.of(fmt.Sprint("c", i)); x != nil {
			x.AnalysedAt = time.Time{}
			out[x.ConversationID] = *x
		}
	}
	return out
}

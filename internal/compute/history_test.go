package compute

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/people"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

// history is a random one: of events, who people are, facts of conversations, definitions, time and failures.
type history struct {
	*rig
	*rand.Rand
	rows   []*event.Event
	seen   map[string]bool // ids
	merges []string
	facts  map[string]float64 // satisfaction by conversation
}

// subject is a definition with what it means, said again in the simplest way: of the person's rows in order of time, and
// of the satisfaction of the person's conversations.
type subject struct {
	Definition
	want func(rows []*event.Event, satisfaction []float64) string // "" for none
}

// A seed that failed is tried again with -seed; a long search is one with -histories, -steps and -every-engine.
var (
	oneSeed     = flag.Uint64("seed", 0, "the one random history to run")
	histories   = flag.Int("histories", 4, "how many random histories to run")
	steps       = flag.Int("steps", 120, "how long a history is")
	everyEngine = flag.Bool("every-engine", false, "run all histories on all engines, not only the first")
)

const lately = 40 * time.Hour

func subjects() []subject {
	artifacts := []string{"kind:eq:artifact"}
	of := func(key string, a trait.Aggregate, field string, want func([]*event.Event, []float64) string) subject {
		d := trait.Definition{Of: query.Events, Where: artifacts, Aggregate: a, Field: field}
		return subject{Definition{Key: key, Name: key, Kind: Trait, Emit: Identify, Enabled: true, Trait: &d}, want}
	}
	who := func(key string, rule audience.Rule, want func([]*event.Event, []float64) bool) subject {
		return subject{Definition{Key: key, Name: key, Kind: Audience, Emit: Track, Enabled: true, Rule: &rule}, func(rows []*event.Event, s []float64) string {
			if want(rows, s) {
				return "true"
			}
			return ""
		}}
	}
	two, zero := 2, 0
	count := func(rows []*event.Event, _ []float64) string {
		if len(rows) == 0 {
			return ""
		}
		return strconv.Itoa(len(rows))
	}
	all := []subject{
		of("shown", trait.Count, "", count),
		of("shown_lately", trait.Count, "", count),
		of("spent", trait.Sum, "number.properties.price", func(rows []*event.Event, _ []float64) string {
			sum, any := 0, false
			for _, e := range rows {
				if p := price(e); p != "" {
					n, _ := strconv.Atoi(p)
					sum, any = sum+n, true
				}
			}
			if !any {
				return ""
			}
			return strconv.Itoa(sum)
		}),
		of("first_component", trait.First, "artifact_type", func(rows []*event.Event, _ []float64) string { return edge(rows, 1) }),
		of("last_component", trait.Last, "artifact_type", func(rows []*event.Event, _ []float64) string { return edge(rows, -1) }),
		of("prices", trait.UniqueList, "properties.price", func(rows []*event.Event, _ []float64) string {
			var out []string
			for _, e := range rows {
				if p := price(e); p != "" && !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
			if out == nil {
				return ""
			}
			slices.Sort(out)
			text, _ := json.Marshal(out)
			return string(text)
		}),
		of("mood", trait.Avg, "satisfaction", func(_ []*event.Event, s []float64) string {
			if len(s) == 0 {
				return ""
			}
			sum := 0.0
			for _, x := range s {
				sum += x
			}
			text, _ := trait.Number(sum / float64(len(s)))
			return string(text)
		}),
		who("twice", audience.Rule{Did: &audience.Deed{Of: query.Events, Where: artifacts, AtLeast: &two}}, func(rows []*event.Event, _ []float64) bool { return len(rows) >= 2 }),
		who("rich", audience.Rule{Trait: &audience.TraitTest{Key: "spent", Op: audience.AtLeast, Values: []string{"10"}}}, nil),
		who("away", audience.Rule{Did: &audience.Deed{Of: query.Events, Where: artifacts, Window: trait.Duration(lately), AtMost: &zero}},
			func(rows []*event.Event, _ []float64) bool { return len(rows) == 0 }),
	}
	all[1].Trait.Window = trait.Duration(lately)
	all[6].Trait.Of, all[6].Trait.Where = query.Conversations, nil
	return all
}

func price(e *event.Event) string {
	var p struct{ Price json.Number }
	_ = json.Unmarshal(e.Properties, &p)
	return p.Price.String()
}

// edge is the component of the first row, or of the last; of those of one time the first by its bytes.
func edge(rows []*event.Event, direction int) string {
	if len(rows) == 0 {
		return ""
	}
	best := slices.MinFunc(rows, func(a, b *event.Event) int {
		return cmp.Or(direction*a.OccurredAt.Compare(b.OccurredAt), cmp.Compare(a.ArtifactType, b.ArtifactType))
	})
	text, _ := json.Marshal(best.ArtifactType)
	return string(text)
}

// step does something.
func (h *history) step() {
	h.t.Helper()
	switch n := h.IntN(40); {
	case n < 20:
		h.arrive()
	case n < 22 && len(h.rows) > 0:
		h.retract()
	case n < 26:
		h.decide()
	case n < 29 && len(h.rows) > 0:
		h.judge()
	case n < 33:
		h.redefine()
	case n < 35:
		h.restart()
	case n < 36:
		h.now = h.now.Add(time.Duration(h.IntN(30)) * time.Hour)
	case n < 38:
		h.fail()
	default:
		_, err := h.people.Resolve(h.t.Context())
		h.must(err)
		_, err = h.compute.Work(h.t.Context())
		h.must(err)
	}
}

// arrive lets some rows come: new ones of any age, and some that came before.
func (h *history) arrive() {
	h.t.Helper()
	var batch []*event.Event
	for range 1 + h.IntN(6) {
		if len(h.rows) > 0 && h.IntN(5) == 0 {
			again := *h.rows[h.IntN(len(h.rows))]
			batch = append(batch, &again)
			continue
		}
		user, anonymous := "", ""
		if h.IntN(3) > 0 {
			user = fmt.Sprint("user", h.IntN(5))
		}
		if user == "" || h.IntN(6) == 0 {
			anonymous = fmt.Sprint("device", h.IntN(7))
		}
		money := ""
		if h.IntN(2) == 0 {
			money = fmt.Sprint(1 + h.IntN(9))
		}
		e := shown(fmt.Sprint("event-", len(h.rows)), user, anonymous, fmt.Sprint("t", h.IntN(4)), h.IntN(100)-int(h.now.Sub(start).Hours()), money)
		e.DerivedFrom = "a trace" // so that it may be retracted
		h.rows = append(h.rows, e)
		batch = append(batch, e)
		h.seen[user], h.seen[anonymous] = true, true
	}
	h.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	h.put(batch...)
}

func (h *history) retract() {
	h.t.Helper()
	e := h.rows[h.IntN(len(h.rows))]
	_, err := h.store.Write(h.t.Context(), &eventstore.Batch{Retracts: []eventstore.Retract{{ID: e.ID, Revision: e.Revision}}})
	h.must(err)
	h.must(h.people.Note(h.t.Context(), []*event.Event{e}, 0))
}

// decide merges people, or takes a merge back.
func (h *history) decide() {
	h.t.Helper()
	_, err := h.people.Resolve(h.t.Context())
	h.must(err)
	if len(h.merges) > 0 && h.IntN(2) == 0 {
		_, err := h.people.Undo(h.t.Context(), "Ada", h.merges[h.IntN(len(h.merges))])
		if err != nil && !errors.Is(err, people.ErrInvalid) {
			h.t.Fatal(err)
		}
		return
	}
	d, _, err := h.people.Merge(h.t.Context(), "Ada", fmt.Sprint("user", h.IntN(5)), fmt.Sprint([]string{"user", "device"}[h.IntN(2)], h.IntN(5)))
	switch {
	case err == nil:
		h.merges = append(h.merges, d.ID)
	case !errors.Is(err, people.ErrInvalid) && !errors.Is(err, people.ErrNotFound):
		h.t.Fatal(err)
	}
}

// judge lets a conversation be analysed.
func (h *history) judge() {
	h.t.Helper()
	c, s := h.rows[h.IntN(len(h.rows))].ConversationID, float64(h.IntN(10))/8
	h.facts[c] = s
	_, err := h.store.Write(h.t.Context(), &eventstore.Batch{Analyses: []*event.Analysis{{ConversationID: c, Version: 1, AnalysedAt: h.now, ImpliedSatisfaction: &s}}})
	h.must(err)
	h.must(h.compute.TouchConversations(h.t.Context(), []string{c}))
}

// redefine adds, removes, disables or enables a definition, or asks for a rebuild.
func (h *history) redefine() {
	h.t.Helper()
	all := subjects()
	d := all[h.IntN(len(all))].Definition
	_, err := h.compute.Get(h.t.Context(), d.Key, Trait, Audience)
	switch n := h.IntN(4); {
	case errors.Is(err, ErrNotFound):
		h.define(d)
	case n == 0:
		h.must(h.compute.Delete(h.t.Context(), d.Key, d.Kind))
	case n == 1:
		d.Enabled = h.IntN(2) == 0
		_, err := h.compute.Put(h.t.Context(), d)
		h.must(err)
	default:
		_, err := h.compute.Rebuild(h.t.Context(), d.Key, d.Kind)
		h.must(err)
	}
}

// fail lets the append of emitted calls fail, with or without effect, and the server end then.
func (h *history) fail() {
	h.t.Helper()
	h.log.fails, h.log.lies = h.IntN(2) == 0, true
	if _, err := h.compute.Work(h.t.Context()); err != nil && !errors.Is(err, errUnsure) {
		h.t.Fatal(err)
	}
	h.log.fails, h.log.lies = false, false
	h.restart()
}

// world is who people are, and what is theirs.
func (h *history) world() (rows map[string][]*event.Event, satisfaction map[string][]float64) {
	h.t.Helper()
	rows, satisfaction = map[string][]*event.Event{}, map[string][]float64{}
	for id := range h.seen {
		if id == "" {
			continue
		}
		g, err := h.people.Graph(h.t.Context(), id)
		switch {
		case err == nil:
			rows[g.Person.Key.Value] = nil
		case errors.Is(err, people.ErrInvalid):
			rows[id] = nil
		default:
			h.t.Fatal(err)
		}
	}
	whose := func(g query.Grain, id string) map[string]string {
		res, err := h.store.Query(h.t.Context(), query.Query{Grain: g, Breakdown: []string{id, "person"}, Measures: []query.Measure{{As: "n", Op: query.Count}}, Limit: query.MaxLimit})
		h.must(err)
		out := map[string]string{}
		for _, r := range res.Rows {
			out[r.Keys[0].Value] = r.Keys[1].Value
		}
		return out
	}
	persons := whose(query.Events, "id")
	for e, err := range h.store.Events(h.t.Context(), query.List{Grain: query.Events}) {
		h.must(err)
		rows[persons[e.ID]] = append(rows[persons[e.ID]], e)
	}
	for c, person := range whose(query.Conversations, "conversation_id") {
		if s, ok := h.facts[c]; ok {
			satisfaction[person] = append(satisfaction[person], s)
		}
	}
	return rows, satisfaction
}

// check compares what is stored with the reference, and with what was told.
func (h *history) check() {
	h.t.Helper()
	h.settle()                        // a pass that is under way may have begun long ago
	h.now = h.now.Add(25 * time.Hour) // so that what moves is computed for everybody, at one time
	h.settle()
	current := h.current()
	h.equal("fold of calls", h.fold(), current)
	rows, satisfaction := h.world()
	for _, s := range subjects() {
		d, err := h.compute.Get(h.t.Context(), s.Key, Trait, Audience)
		if errors.Is(err, ErrNotFound) {
			if len(current[s.Key]) > 0 {
				h.t.Errorf("%s is not defined, and %d have it", s.Key, len(current[s.Key]))
			}
			continue
		}
		if !d.Enabled {
			continue
		}
		want := map[string]string{}
		for person, theirs := range rows {
			if s.Key == "shown_lately" || s.Key == "away" {
				theirs = slices.DeleteFunc(slices.Clone(theirs), func(e *event.Event) bool { return e.OccurredAt.Before(h.now.Add(-lately)) })
			}
			var v string
			if s.Key == "rich" { // by the trait, as it is
				if n, _ := strconv.Atoi(current["spent"][person]); n >= 10 {
					v = "true"
				}
			} else {
				v = s.want(theirs, satisfaction[person])
			}
			if v != "" {
				want[person] = v
			}
		}
		h.equal("reference", map[string]map[string]string{s.Key: current[s.Key]}, map[string]map[string]string{s.Key: want})
	}
}

// After any history values are what the definitions say of all that is stored, a rebuild changes none of them, and who
// followed the calls knows the same.
func TestLiveValuesAreThoseOfARebuild(t *testing.T) {
	seeds := []uint64{*oneSeed}
	if *oneSeed == 0 {
		seeds = make([]uint64, *histories)
		for i := range seeds {
			seeds[i] = rand.Uint64()
		}
	}
	for i, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { holdTo(t, memstore.New(), seed, *steps) })
		if i == 0 || *everyEngine {
			t.Run(fmt.Sprint("duckstore seed ", seed), func(t *testing.T) {
				store, err := duckstore.Open(t.Context(), duckstore.Config{Dir: t.TempDir(), MemoryLimit: 256 << 20})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Close() })
				holdTo(t, store, seed, *steps)
			})
		}
	}
}

// holdTo runs one history on a store.
func holdTo(t *testing.T, store eventstore.Store, seed uint64, steps int) {
	t.Helper()
	h := &history{rig: newRigOn(t, store), Rand: rand.New(rand.NewPCG(seed, 0)), seen: map[string]bool{}, facts: map[string]float64{}}
	for i := range steps {
		if h.step(); i%40 == 39 {
			h.check()
		}
		if t.Failed() {
			t.Fatalf("seed %d: after %d steps", seed, i+1)
		}
	}
	before := len(h.emitted())
	for _, s := range subjects() {
		if _, err := h.compute.Rebuild(t.Context(), s.Key, Trait, Audience); err != nil && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	}
	h.settle()
	if n := len(h.emitted()); n != before {
		t.Errorf("seed %d: a rebuild changes %d values", seed, n-before)
	}
}

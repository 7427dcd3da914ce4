package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Differential compares an engine with the reference on a random history: the reports of its
// writes, and the answers to n random questions asked on the way. Numbers may differ in their last
// bits. The history and the questions follow from the seed alone. A failure is shrunk and shown as a script
// with the answer of the reference.
func Differential(t testing.TB, reference, engine Open, seed uint64, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	writes := randomHistory(r, 30+r.IntN(400), true)
	want, got := opened(t, reference), opened(t, engine)
	const stages = 4
	for stage := range stages {
		from, to := stage*len(writes)/stages, (stage+1)*len(writes)/stages
		for _, b := range writes[from:to] {
			if !writeBoth(t, want, got, b) {
				t.Fatalf("seed %d: reports of a write differ", seed)
			}
		}
		if to == 0 {
			continue
		}
		a := newAsker(r, writes[:to])
		for range n / stages {
			q := a.question()
			if diff := q.differ(q.ask(t.Context(), want), q.ask(t.Context(), got)); diff != "" {
				s := &shrinker{t: t, reference: reference, engine: engine, writes: writes[:to], question: q, diff: diff}
				t.Fatalf("seed %d: %s", seed, s.shrink())
			}
		}
		all := question{list: &query.List{Grain: query.Events, Raw: true}}
		if diff := all.differ(all.ask(t.Context(), want), all.ask(t.Context(), got)); diff != "" {
			t.Fatalf("seed %d: all events: %s", seed, diff)
		}
		sameRows(t, want, got, a)
		for range max(1, n/stages/4) {
			sameBreakdowns(t, want, got, a)
			sameTotals(t, want, got, a)
		}
	}
}

// Agree asks two stores of the same writes n random questions, which follow from the seed, and compares
// the answers and the rows: say of a store that was upgraded, and of the reference.
func Agree(t testing.TB, want, got eventstore.Store, writes []*eventstore.Batch, seed uint64, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 4))
	a := newAsker(r, writes)
	for _, g := range []query.Grain{query.Events, query.Conversations} {
		q := question{list: &query.List{Grain: g, Raw: true, Limit: query.MaxPage}}
		if diff := q.differ(q.ask(t.Context(), want), q.ask(t.Context(), got)); diff != "" {
			t.Fatalf("all %s: %s", g, diff)
		}
	}
	for range n {
		q := a.question()
		if diff := q.differ(q.ask(t.Context(), want), q.ask(t.Context(), got)); diff != "" {
			t.Fatalf("seed %d: %s\n%s", seed, diff, q.text())
		}
	}
	sameRows(t, want, got, a)
}

// writeBoth writes a batch to both stores and compares their reports.
func writeBoth(t testing.TB, want, got eventstore.Store, b *eventstore.Batch) bool {
	t.Helper()
	w, err := want.Write(t.Context(), b)
	if err != nil {
		t.Fatalf("write to the reference: %v", err)
	}
	g, err := got.Write(t.Context(), b)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("write reports (-want +got):\n%s\n%s", diff, formatBatch(b))
		return false
	}
	return true
}

// sameBreakdowns asks an engine for several breakdowns at once, and the reference for one after the other.
func sameBreakdowns(t testing.TB, want, got eventstore.Store, a *asker) {
	t.Helper()
	q := *a.query()
	var fields []string
	for range 1 + a.IntN(5) {
		// A field may be asked for twice.
		fields = append(fields, a.field(q.Grain, func(query.Field) bool { return true }))
	}
	results, err := got.Breakdowns(t.Context(), q, fields)
	if err == nil && len(results) != len(fields) {
		t.Fatalf("%d breakdowns for %d fields", len(results), len(fields))
	}
	for i, f := range fields {
		one := question{query: new(q)}
		one.query.Breakdown = []string{f}
		answered := answer{err: err}
		if err == nil {
			answered.result = results[i]
		}
		if diff := one.differ(one.ask(t.Context(), want), answered); diff != "" {
			t.Fatalf("breakdown %d of %q: %s\n%s", i, fields, diff, one.text())
		}
	}
}

// sameTotals asks an engine for a series and its total at once, and the reference for one after the other.
func sameTotals(t testing.TB, want, got eventstore.Store, a *asker) {
	t.Helper()
	q := a.query()
	if q.Breakdown = nil; q.Grain != query.Events && q.Grain != query.Conversations {
		return
	}
	whole := *q
	whole.Period = query.All
	both := *q
	both.Totals = true
	for _, s := range []eventstore.Store{got, want} {
		series := question{query: q}
		answered := question{query: &both}.ask(t.Context(), s)
		bare := answered
		if answered.err == nil {
			bare.result = &query.Result{Rows: answered.result.Rows, Groups: answered.result.Groups}
		}
		if diff := series.differ(series.ask(t.Context(), want), bare); diff != "" {
			t.Fatalf("series with its total: %s\n%s", diff, series.text())
		}
		if answered.err != nil {
			continue
		}
		total := answer{result: &query.Result{}}
		if answered.result.Total != nil {
			total.result = &query.Result{Groups: 1, Rows: []query.Row{{Values: answered.result.Total}}}
		}
		one := question{query: &whole}
		if diff := one.differ(one.ask(t.Context(), want), total); diff != "" {
			t.Fatalf("total of a series: %s\n%s", diff, one.text())
		}
	}
}

// sameRows compares some single rows, which of them are there, and the cursors.
func sameRows(t testing.TB, want, got eventstore.Store, a *asker) {
	t.Helper()
	for range 10 {
		id := pick(a.Rand, a.events...).ID
		w, wantErr := want.Event(t.Context(), id)
		g, gotErr := got.Event(t.Context(), id)
		if (wantErr == nil) != (gotErr == nil) {
			t.Errorf("event %s: got %v, want %v", id, gotErr, wantErr)
		} else if diff := cmp.Diff(w, g, equal); diff != "" {
			t.Errorf("event %s (-want +got):\n%s", id, diff)
		}
	}
	if len(a.chats) > 0 {
		sameAnalyses(t, want, got, []string{pick(a.Rand, a.chats...), pick(a.Rand, a.chats...), "c0", "none"})
	}
	sameIdentities(t, want, got, []string{fmt.Sprint("u", a.IntN(9)), fmt.Sprint("x", a.IntN(9)), "u1", "u1", "p1", "x4", ""})
	w, err := want.Cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if g, err := got.Cursor(t.Context()); g != w || err != nil {
		t.Errorf("cursor is %d (%v), want %d", g, err, w)
	}
}

func sameAnalyses(t testing.TB, want, got eventstore.Store, ids []string) {
	t.Helper()
	w, err := want.Analyses(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	g, err := got.Analyses(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("analyses of %q (-want +got):\n%s", ids, diff)
	}
}

func sameIdentities(t testing.TB, want, got eventstore.Store, persons []string) {
	t.Helper()
	w, err := want.Identities(t.Context(), persons)
	if err != nil {
		t.Fatal(err)
	}
	g, err := got.Identities(t.Context(), persons)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("identities of %q (-want +got):\n%s", persons, diff)
	}
}

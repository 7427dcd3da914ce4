package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// recorder is a test whose failure is looked at.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failure += fmt.Sprintf(format, args...) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failureOf runs a test that may fail, and returns what it says.
func failureOf(t *testing.T, test func(t testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r.failure
}

// broken is a store that takes the end of a range for part of it.
type broken struct{ eventstore.Store }

func (b broken) Query(ctx context.Context, q query.Query) (*query.Result, error) {
	if !q.Range.Until.IsZero() {
		q.Range.Until = q.Range.Until.Add(1000)
	}
	return b.Store.Query(ctx, q)
}

func TestDifferentialShowsASmallExample(t *testing.T) {
	reference := func(testing.TB) eventstore.Store { return memstore.New() }
	engine := func(testing.TB) eventstore.Store { return broken{memstore.New()} }
	got := failureOf(t, func(t testing.TB) { Differential(t, reference, engine, 7, 400) })
	if n := strings.Count(got, "received_at"); n != 1 || !strings.HasPrefix(got, "seed 7:") || !strings.Contains(got, "until") {
		t.Errorf("a bug at the end of ranges is shown with %d events, want one:\n%s", n, got)
	}
	// What is shown is a script that fails with the engine and passes with the reference.
	_, script, _ := strings.Cut(got, "\n")
	a := txtar.Parse([]byte(strings.ReplaceAll(script, "\n        ", "\n")))
	if failure := failureOf(t, func(t testing.TB) { RunScript(t, reference(t), a) }); failure != "" {
		t.Errorf("the script fails with the reference: %s", failure)
	}
	if failureOf(t, func(t testing.TB) { RunScript(t, engine(t), a) }) == "" {
		t.Errorf("the script passes with the broken engine:\n%s", script)
	}
}

func TestScriptFails(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		got := failureOf(t, func(t testing.TB) { RunScript(t, memstore.New(), txtar.Parse([]byte(script))) })
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("script\n%s\nfails with %q, want %q", script, got, want)
		}
	}
	f("-- events --\n10:00 message/sent\n-- ask --\ngrain events\ncount\n-- want --\n 1\n# one\n", "")
	f("-- events --\n10:00 message/sent\n-- ask --\ngrain events\ncount\n-- want --\n2\n", "want\n\t2")
	f("-- ask --\ngrain events\ncount\n-- want --\n0\n", "want\n\t0")
	f("-- ask --\ngrain events\ncount\n-- events --\n", "no want follows")
	f("-- ask --\ngrain events\nfilter nonsense\ncount\n-- want --\nerror no comparison\n", "")
	f("-- ask --\ngrain events\ncount\n-- want --\nerror no comparison\n", "got")
	f("-- events --\n10:00 message\n", "not kind/action")
	f("-- events --\n10:00 message/sent no_such_field=1\n", "no_such_field")
	f("-- nonsense --\n", "unknown name")
}

func TestScriptAsksOtherFiles(t *testing.T) {
	s := Script{Asks: map[string]Ask{"shout": func(_ context.Context, _ eventstore.Reader, text string) (string, error) {
		return strings.ToUpper(text), nil
	}}}
	s.Run(t, memstore.New(), txtar.Parse([]byte("-- shout once --\nhello\n-- want --\nHELLO\n")))
}

// What is shown of a failure must be what failed.
func TestFormatsParse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	writes := randomHistory(r, 300, true)
	for _, b := range writes {
		got, err := new(batchParser).parse(formatBatch(b))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, got, equal); diff != "" {
			t.Fatalf("batch (-formatted +parsed):\n%s", diff)
		}
	}
	a := newAsker(r, writes)
	for range 1000 {
		q := a.question()
		var again question
		var err error
		switch {
		case q.query != nil:
			again.query, err = parseQuery(q.text())
		case q.flow != nil:
			again.flow, err = parseFlow(q.flow.name(), q.text())
		default:
			var l *listing
			if l, err = parseListing(q.text()); err == nil {
				again.list = &l.List
			}
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, q.text())
		}
		if diff := cmp.Diff(q.query, again.query); diff != "" && q.query.Conversion == nil {
			t.Fatalf("query (-formatted +parsed):\n%s", diff)
		}
		if again.text() != q.text() {
			t.Fatalf("formatted\n%s\nparsed\n%s", q.text(), again.text())
		}
	}
}

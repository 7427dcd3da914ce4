package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// Script runs test scripts against a store: txtar archives whose files, in order, write events, ask,
// and say what the answer is. The zero value knows these files; a name may go on after a space, as a
// note for the reader:
//
//	events  one write; one event a line, as
//	            2024-03-04T10:00:00Z message/sent conversation_id=c1 user_id=u1 body="a \"b\"" properties={"n":1}
//	        The time may also be "10:00" or "10:00:00.5" (on 2024-03-04, a Monday, UTC), or "+5s" after
//	        the event before. Then kind/action, then canonical JSON names; a value that is no JSON is
//	        text. Where left out, id is e1, e2 … over the whole script, request_seq counts likewise,
//	        received_at is the event's time, source_event is kind/action, role is that of the sender.
//	        Other lines: "retract ID [REVISION]", "cursor N", "import", "# comment", and beside events
//	        "analysis NAME=VALUE…" with the JSON names of event.Analysis (analysis_version is 1 where left
//	        out), "topic conversation_id=c1 topic=t1 group=g1", "labels conversation_id=c1 labels=["a"]",
//	        "identity type=user id=u1 person=p1", or ignored=true in the place of person.
//	ask     one query, a line each: grain, period, zone, week_start (or monday), from, until, filter, breakdown,
//	        conversion (a filter, or *), explicit, limit, and a measure for each column:
//	            count [FIELD], distinct|sum|mean|min|max FIELD, quantile Q FIELD, each [where FILTER]
//	list    one list: grain, zone, from, until, filter, conversion, explicit, sort FIELD [desc], desc,
//	        limit, after, raw; and show FIELD,FIELD… for what to print beside the id; pages, to go on to
//	        the end in pages of limit
//	funnel  one funnel: grain, zone, from, until, filter, conversion, explicit, step FILTER (or *) for each,
//	        any order, window DURATION, breakdown, limit; the answer is KEY… N N+MEDIAN… of the steps
//	retention  one retention: as funnel, and period, periods, week_start, first and return FILTER (or *);
//	        the answer is START KEY… SIZE: N… of the periods
//	paths   paths: as funnel, and start FIELD, end FIELD, step KIND FIELD where FILTER (or *), converted, depth;
//	        the answer is the conversations, nodes PLACE/KIND[/NAME] N, and links NODE -> NODE N
//	want    the answer to the file before: for ask, a row a line, as [START] KEY… VALUE…, with - where
//	        absent, in the question's zone; then "of N groups" if the limit left some out. Starting with
//	        "error", the call must fail with the text that follows. Space and # comments do not count.
//
// A filter is field:op[:value|value…], !FILTER, and(FILTER, …), or(…), has(FILTER), in(FILTER) or
// reached(STEP, "FUNNEL") with the lines of a funnel as one quoted text; a
// field or value with characters of this syntax in it is quoted as in Go.
type Script struct {
	// Asks answers files of further names: metrics are tested with one of their own.
	Asks map[string]Ask
}

// Ask answers a file of a script; the text is compared with the "want" that follows, and so is the
// error's.
type Ask func(ctx context.Context, r eventstore.Reader, question string) (string, error)

// RunScript runs a script of the files that Script knows by itself. The store is empty.
func RunScript(t testing.TB, s eventstore.Store, a *txtar.Archive) {
	t.Helper()
	new(Script).Run(t, s, a)
}

// Run runs a script. The store is empty.
func (s *Script) Run(t testing.TB, store eventstore.Store, a *txtar.Archive) {
	t.Helper()
	asks := map[string]Ask{"ask": ask, "list": list, "funnel": asking(parseFunnel), "retention": asking(parseRetention), "paths": asking(parsePaths)}
	for name, f := range s.Asks {
		asks[name] = f
	}
	var writing batchParser
	for i, f := range a.Files {
		name, _, _ := strings.Cut(f.Name, " ")
		text := string(f.Data)
		switch {
		case name == "events":
			b, err := writing.parse(text)
			if err != nil {
				t.Fatalf("file %d (%s): %v", i+1, f.Name, err)
			}
			if _, err := store.Write(t.Context(), b); err != nil {
				t.Fatalf("file %d (%s): write: %v", i+1, f.Name, err)
			}
		case asks[name] != nil:
			if i+1 == len(a.Files) || !strings.HasPrefix(a.Files[i+1].Name, "want") {
				t.Fatalf("file %d (%s): no want follows", i+1, f.Name)
			}
			got, err := asks[name](t.Context(), store, text)
			if err != nil {
				got = "error " + err.Error()
			}
			if want := string(a.Files[i+1].Data); !answers(got, want) {
				t.Errorf("file %d (%s):\n%s\ngot\n%s\nwant\n%s", i+1, f.Name, indent(text), indent(got), indent(want))
			}
		case name != "want":
			t.Fatalf("file %d: unknown name %q", i+1, f.Name)
		}
	}
}

// answers compares texts by the words of their lines. An error need only contain what is wanted.
func answers(got, want string) bool {
	g, w := words(got), words(want)
	if len(w) > 0 && strings.HasPrefix(w[0], "error") {
		text := strings.TrimSpace(strings.TrimPrefix(w[0], "error"))
		return len(g) > 0 && strings.HasPrefix(g[0], "error") && strings.Contains(strings.Join(g, " "), text)
	}
	return slices.Equal(g, w)
}

// lines splits a text into lines that say something.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// words splits a text into the words of its lines.
func words(text string) []string {
	out := lines(text)
	for i, line := range out {
		out[i] = strings.Join(strings.Fields(line), " ")
	}
	return out
}

func indent(text string) string {
	return "\t" + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n\t")
}

// formatScript writes what reproduces an answer: the writes, the question, and what is wanted.
func formatScript(writes []*eventstore.Batch, q question, want string) string {
	var b strings.Builder
	for _, w := range writes {
		fmt.Fprintf(&b, "-- events --\n%s", formatBatch(w))
	}
	fmt.Fprintf(&b, "-- %s --\n%s-- want --\n%s", q.name(), q.text(), want)
	return b.String()
}

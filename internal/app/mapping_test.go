package app

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

// mappingRow is one line of the mapping table, with what it leaves to its reader taken apart.
type mappingRow struct {
	line       int
	vocabulary string
	names      []string // alternatives, folded
	subtypes   []string // the same; nil for none
	kinds      []event.Kind
	actions    []string
	weight     *float64 // of the signal, where the row gives one number
}

// pair is what a source event becomes.
type pair struct {
	kind   event.Kind
	action string
}

// pairs are the kinds and actions of the row that go together. A row that says "by action" has none.
func (r mappingRow) pairs() []pair {
	var out []pair
	for _, k := range r.kinds {
		for _, a := range r.actions {
			if vocab.Known(k, a) && !(r.vocabulary == "otel" && a == "cancelled") { // that follows from the whole trace: package trace
				out = append(out, pair{k, a})
			}
		}
	}
	return out
}

// is reports whether an event's name and SubType are the row's.
func (r mappingRow) is(name, subtype string) bool {
	return matches(r.names, name) && (r.subtypes == nil || matches(r.subtypes, subtype))
}

func matches(wanted []string, name string) bool {
	for _, have := range alternatives(name) {
		for _, want := range wanted {
			if have == want || strings.Contains(want, "*") && strings.Contains(have, strings.Trim(want, "*")) {
				return true
			}
		}
	}
	return false
}

// alternatives takes apart names that stand together, and folds them.
func alternatives(s string) []string {
	for {
		before, rest, open := strings.Cut(s, "(")
		_, after, closed := strings.Cut(rest, ")")
		if !open || !closed {
			break
		}
		s = before + after
	}
	var out []string
	for _, name := range strings.FieldsFunc(strings.NewReplacer(" / ", "\n", " | ", "\n", ", ", "\n", "; ", "\n").Replace(s), func(r rune) bool { return r == '\n' }) {
		name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), " with ")
		name, _, _ = strings.Cut(name, " or ")
		for _, prefix := range []string{"span event ", "span ", "log "} {
			name = strings.TrimPrefix(name, prefix)
		}
		name = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r == '*' {
				return r
			}
			return -1
		}, name)
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

func mappingRows(t *testing.T) []mappingRow {
	t.Helper()
	data, err := os.ReadFile(evaldata.Path(t, "spec", "mapping.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []mappingRow
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		if strings.HasPrefix(f[1], "[Agent] ") { // the first of several names has the prefix of all
			f[1] = strings.ReplaceAll(f[1], " / ", " / [Agent] ")
		}
		r := mappingRow{line: i + 1, vocabulary: strings.TrimSuffix(f[0], "-newer"), names: alternatives(f[1])}
		sub := f[2]
		if strings.HasSuffix(sub, "_attached_context") && strings.Contains(sub, "_ / ") {
			sub = strings.ReplaceAll(sub, "_ / ", "_attached_context / ")
		}
		if !strings.HasPrefix(sub, "(") && sub != "" {
			r.subtypes = alternatives(sub)
		}
		for _, k := range strings.Split(f[3], " / ") {
			r.kinds = append(r.kinds, event.Kind(strings.Replace(k, "identify", "identity", 1)))
		}
		r.actions = strings.FieldsFunc(f[4], func(c rune) bool { return strings.ContainsRune(" /|+()", c) })
		if f[1] == "identify" {
			r.actions = []string{"identified"}
		}
		if f[1] == "SpecialCharInUserMessageEventData" {
			r.names = alternatives("AIAssistantSendUserMessageEvent")
		}
		if w, err := strconv.ParseFloat(f[8], 64); err == nil && f[1] != "any other track" { // that one is of conversions, at question time
			r.weight = &w
		}
		rows = append(rows, r)
	}
	return rows
}

// goldenRow is what a golden case shows.
type goldenRow struct {
	Vocabulary string     `json:"vocabulary"`
	Event      string     `json:"source_event"`
	Subtype    string     `json:"source_subtype"`
	Kind       event.Kind `json:"kind"`
	Action     string     `json:"action"`
}

func goldenRows(t *testing.T) []goldenRow {
	t.Helper()
	folders, err := filepath.Glob("../vocab/*/testdata")
	if err != nil {
		t.Fatal(err)
	}
	var all []goldenRow
	for _, dir := range folders {
		for _, c := range vocabtest.Cases(t, dir) {
			for dec := json.NewDecoder(strings.NewReader(string(c.Want))); ; {
				var g goldenRow
				if err := dec.Decode(&g); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				all = append(all, g)
			}
		}
	}
	return all
}

// TestEveryMappedEventIsSaidAndShown reads the mapping table: each of its rows is an entry of what a
// vocabulary says of its events, with the same kinds, actions and signal, and has a golden case.
func TestEveryMappedEventIsSaidAndShown(t *testing.T) {
	said := map[string][]vocab.EventDoc{}
	for _, v := range vocabularies() {
		said[v.Name()] = v.Events()
	}
	shown := goldenRows(t)
	rows := mappingRows(t)
	if len(rows) != 113 {
		t.Errorf("%d rows, want 113", len(rows))
	}
	for _, r := range rows {
		docs := slices.DeleteFunc(slices.Clone(said[r.vocabulary]), func(d vocab.EventDoc) bool {
			if r.vocabulary == "otel" { // "span" with the subtype "chat", in the table "span chat"
				return !r.is(d.Name+" "+d.Subtype, "")
			}
			return !r.is(d.Name, d.Subtype)
		})
		if len(docs) == 0 {
			t.Errorf("line %d: %s says nothing of %v %v", r.line, r.vocabulary, r.names, r.subtypes)
			continue
		}
		for _, p := range r.pairs() {
			if !slices.ContainsFunc(docs, func(d vocab.EventDoc) bool {
				return d.Kind == p.kind && d.Action == p.action && (r.weight == nil || d.Weight != nil && *d.Weight == *r.weight)
			}) {
				t.Errorf("line %d: %s does not say that %v %v becomes %s/%s with the weight that the table gives", r.line, r.vocabulary, r.names, r.subtypes, p.kind, p.action)
			}
			if !slices.ContainsFunc(shown, func(g goldenRow) bool { return g.shows(r, p) }) {
				t.Errorf("line %d: no golden case of %s shows %v %v as %s/%s", r.line, r.vocabulary, r.names, r.subtypes, p.kind, p.action)
			}
		}
	}
}

// shows reports whether a case is of a row. What has no name of its own is known by what it becomes.
func (g goldenRow) shows(r mappingRow, p pair) bool {
	if g.Vocabulary != r.vocabulary || g.Kind != p.kind || g.Action != p.action {
		return false
	}
	return r.is(g.Event, g.Subtype) || slices.Contains(r.names, "anyothertrack") || r.vocabulary == "otel"
}

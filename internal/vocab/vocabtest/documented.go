package vocabtest

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// eventsAreDocumented checks what a vocabulary says of its events: that it is sound, that every row of the
// cases is said, with its signal, and that every kind and action that is said has a case.
func eventsAreDocumented(t *testing.T, v vocab.Vocabulary, cases []Case) {
	t.Helper()
	type pair struct {
		kind   event.Kind
		action string
	}
	said, seen := map[pair][]vocab.EventDoc{}, map[pair]bool{}
	for _, doc := range v.Events() {
		if err := doc.Check(); err != nil {
			t.Error(err)
		}
		said[pair{doc.Kind, doc.Action}] = append(said[pair{doc.Kind, doc.Action}], doc)
	}
	for _, c := range cases {
		m, e := mapper(v), new(event.Event)
		if err := m.Map(c.Input(), e); err != nil || e.Vocabulary != v.Name() {
			continue
		}
		for _, row := range append([]*event.Event{e}, m.Also()...) {
			p := pair{row.Kind, row.Action}
			seen[p] = true
			if len(said[p]) == 0 {
				t.Errorf("%s becomes %s/%s, which Events does not say", c.Name, row.Kind, row.Action)
			} else if !signalSaid(row, said[p]) {
				t.Errorf("%s has a signal of dimension %q that Events does not say of %s/%s", c.Name, row.SignalDimension, row.Kind, row.Action)
			}
		}
	}
	for p, docs := range said {
		if p.kind != "" && !seen[p] {
			t.Errorf("Events says that %q %q becomes %s/%s; no case shows it", docs[0].Name, docs[0].Subtype, p.kind, p.action)
		}
	}
}

// signalSaid reports whether one of the entries gives the row's signal.
func signalSaid(row *event.Event, docs []vocab.EventDoc) bool {
	if row.SignalDimension == "" {
		return true // values may be missing that a signal needs
	}
	for _, d := range docs {
		if d.Dimension == row.SignalDimension && (d.Weight == nil || *d.Weight == *row.SignalWeight) {
			return true
		}
	}
	return false
}

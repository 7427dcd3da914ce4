package unity

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// entry is a line of the table of events, which is both the mapping and its documentation.
type entry struct {
	on, sub string // event and SubType, as Unity's document spells them
	kind    event.Kind
	action  string
	// fields are filled in order: "sent → column" or "column = value", with "; " between them.
	fields string
	// need are the properties that must be there, with "; " between them and alternatives as "a, b".
	need   string
	signal signal
	why    string
	// when chooses among the entries of an event, the first of which has its fields. Nil is always.
	when func(*vocab.Call) bool
	if_  string // when in words
	// then does what the table cannot say.
	then func(*vocab.Call)
}

// signal is the implicit signal of an event.
type signal struct {
	dimension string
	weight    float64
	// weigh gives the weight where values decide, false for none; words say how.
	weigh func(*vocab.Call) (float64, bool)
	words string
}

// The dimensions of signals.
const (
	answer     = "answer"
	suggestion = "suggestion"
	trust      = "trust"
	tool       = "tool"
	latency    = "latency"
	ui         = "ui"
)

// table is every event of Unity's.
var table = compile(backendEvents(), contextEvents(), localEvents(), newerLocalEvents(), otherEvents())

// key finds the entries of an event: its group, and its SubType folded.
type key struct{ group, sub string }

// compiled is the table as it is used.
type compiled struct {
	groups  map[string]string // names by their folded spellings
	events  map[key][]mapping
	entries []entry
}

// mapping is an entry with its fields parsed.
type mapping struct {
	entry
	fill []field
	need [][]string
}

func compile(parts ...[]entry) *compiled {
	t := &compiled{groups: groups(), events: map[key][]mapping{}}
	for _, part := range parts {
		for _, e := range part {
			m := mapping{entry: e}
			for _, f := range list(e.fields) {
				m.fill = append(m.fill, parseField(f))
			}
			for _, n := range list(e.need) {
				m.need = append(m.need, strings.Split(n, ", "))
			}
			k := key{e.on, fold(e.sub)}
			t.events[k] = append(t.events[k], m)
			t.entries = append(t.entries, e)
		}
	}
	return t
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "; ")
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	docs := make([]vocab.EventDoc, len(table.entries))
	for i, e := range table.entries {
		d := vocab.EventDoc{
			Name: e.on, Subtype: e.sub, Kind: e.kind, Action: e.action, When: e.if_, Fields: list(e.fields), Required: list(e.need),
			Dimension: e.signal.dimension, Weights: e.signal.words, Why: e.why,
		}
		if d.Dimension != "" && e.signal.weigh == nil {
			d.Weight = &table.entries[i].signal.weight
		}
		docs[i] = d
	}
	return docs
}

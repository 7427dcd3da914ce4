package plan

import (
	"cmp"
	"slices"
)

// Tally counts violations that are alike: of one kind, event, field and description. The zero value is
// ready; it is for one goroutine.
type Tally struct {
	// Calls is how many were added, Deviating how many of them had a violation.
	Calls, Deviating int64

	counts map[tallyKey]*TallyRow
}

type tallyKey struct {
	kind                      Kind
	event, field, description string
}

// TallyRow is one violation with its count.
type TallyRow struct {
	Violation
	Count int64 `json:"count"`
	// First is the number of the first call that has it, as given to Add.
	First int64 `json:"first"`
}

// Add notes what was found in a call, which is known by a number.
func (t *Tally) Add(number int64, list []Violation) {
	t.Calls++
	if len(list) > 0 {
		t.Deviating++
	}
	if t.counts == nil {
		t.counts = map[tallyKey]*TallyRow{}
	}
	for i := range list {
		key := tallyKey{list[i].Kind, list[i].Event, list[i].Field, list[i].Description}
		row := t.counts[key]
		if row == nil {
			row = &TallyRow{Violation: list[i], First: number}
			t.counts[key] = row
		}
		row.Count++
	}
}

// Rows returns what was counted, the most frequent first.
func (t *Tally) Rows() []TallyRow {
	out := make([]TallyRow, 0, len(t.counts))
	for _, row := range t.counts {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b TallyRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Description, b.Description))
	})
	return out
}

package query

import (
	"errors"
	"fmt"
)

// List asks for rows themselves, of the grains of events or conversations, in a total order.
type List struct {
	Grain  Grain
	Range  Range
	Zone   string // as in Query, for filters by hour_of_day and weekday
	Filter *Filter
	// Conversion as in Query: for the fields of conversations, and for filters by them.
	Conversion *Conversion
	// Sort is the field to order by: a Column of type Number or Time, of conversations also a Computed one
	// with one value. "" is occurred_at (then the rest of conversation order) or at. Ties, and rows without
	// the field, which come last either way, are ordered by id, in the same direction.
	Sort string
	Desc bool
	// After is the cursor of the last row already seen; "" starts at the beginning. A cursor is valid
	// for the same Grain, Sort and Desc only.
	After string
	// Limit is the most rows to answer; 0 means all (of events, which are streamed) or DefaultPage.
	Limit int
	// Count asks for the number of all rows as well, those before After included; of conversations only.
	Count bool
	// Raw asks for each event's raw call as well, which costs a read each.
	Raw bool
}

// Sorts reports whether lists of a grain can be ordered by the field; see [List].
func (f *Field) Sorts(g Grain) bool {
	return (f.Type == Number || f.Type == Time) && (f.Origin == Column || g == Conversations && f.Origin == Computed && !f.Set)
}

// DefaultPage and MaxPage bound a page of conversations.
const (
	DefaultPage = 50
	MaxPage     = 10_000
)

// Validate reports all that is wrong with the list, joined.
func (l *List) Validate() error {
	var errs []error
	switch l.Grain {
	case Events, Conversations:
		errs = append(errs, l.Filter.Validate(l.Grain))
		if l.Sort != "" {
			f, err := Resolve(l.Grain, l.Sort)
			if err == nil && !f.Sorts(l.Grain) {
				err = fmt.Errorf("cannot sort by %s", l.Sort)
			}
			errs = append(errs, err)
		}
	default:
		errs = append(errs, fmt.Errorf("no list of %q", l.Grain))
	}
	if _, err := LoadZone(l.Zone); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, l.Conversion.validate())
	if l.Count && l.Grain != Conversations {
		errs = append(errs, fmt.Errorf("a list of %s is not counted", l.Grain))
	}
	if l.Limit < 0 || (l.Grain == Conversations && l.Limit > MaxPage) {
		errs = append(errs, fmt.Errorf("limit %d; it is from 1 to %d", l.Limit, MaxPage))
	}
	return errors.Join(errs...)
}

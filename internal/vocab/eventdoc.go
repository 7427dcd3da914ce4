package vocab

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// EventDoc says what one source event becomes.
type EventDoc struct {
	// Name is what senders call the event: the name of a track call, "span chat", "log gen_ai.choice".
	// What is no name stands in words: "any other track".
	Name string
	// Subtype tells events of one name apart; empty for most.
	Subtype string
	// Kind and Action are those of the row. Both empty: no row becomes of it; Why says why.
	Kind   event.Kind
	Action string
	// When says which of an event's entries it is: "IsFavorite is true". Empty where there is one.
	When string
	// Fields are what is mapped, as "sent → column" with alternatives as "a, b → column", or
	// "column = value" for what the event implies. A note may follow the column in brackets. What all
	// events of a vocabulary share may be left out.
	Fields []string
	// Required are the properties without which a violation is noted; alternatives as "a, b".
	Required []string
	// Dimension is that of the implicit signal, empty for none; Weight its weight, or nil and Weights in
	// words where values decide: "AllowOnce +0.2, DenyOnce −0.4".
	Dimension string
	Weight    *float64
	Weights   string
	// Why gives the reason of kind or signal where it is not plain.
	Why string
}

// Check returns all that is wrong with the entry: package vocabtest holds vocabularies to it.
func (d EventDoc) Check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("event %q %q: "+format, append([]any{d.Name, d.Subtype}, args...)...))
	}
	switch {
	case d.Name == "":
		fault("has no name")
	case d.Kind == "" && d.Action == "" && d.Why == "":
		fault("becomes nothing and does not say why")
	case (d.Kind != "" || d.Action != "") && !Known(d.Kind, d.Action):
		fault("%s/%s is no kind and action", d.Kind, d.Action)
	}
	switch {
	case d.Dimension != "" && !slices.Contains(dimensions(), d.Dimension):
		fault("%s is no dimension of signals", d.Dimension)
	case (d.Dimension != "") != (d.Weight != nil || d.Weights != ""), d.Weight != nil && d.Weights != "":
		fault("a signal has a dimension, and a weight as number or in words")
	case d.Weight != nil && (*d.Weight < -1 || *d.Weight > 1):
		fault("weight %v is not in -1..1", *d.Weight)
	}
	for _, f := range d.Fields {
		if column := column(f); column != "" && !isColumn(column) {
			fault("%q is no column of a row", column)
		}
	}
	return errors.Join(faults...)
}

// dimensions are those of [event.Event.SignalDimension].
func dimensions() []string {
	return []string{"answer", "suggestion", "trust", "tool", "latency", "ui"}
}

// column returns the column that an entry of Fields names; "" for a property that stays one.
func column(field string) string {
	name, _, constant := strings.Cut(field, " = ")
	if !constant {
		var mapped bool
		if _, name, mapped = strings.Cut(field, " → "); !mapped {
			return ""
		}
	}
	name, _, _ = strings.Cut(name, " (")
	return strings.TrimSpace(name)
}

// isColumn reports whether rows have a column of this name.
func isColumn(name string) bool {
	row := reflect.TypeFor[event.Event]()
	for i := range row.NumField() {
		if tag, _, _ := strings.Cut(row.Field(i).Tag.Get("json"), ","); tag == name {
			return true
		}
	}
	return false
}

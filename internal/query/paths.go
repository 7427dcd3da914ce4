package query

import (
	"fmt"
	"slices"
)

// Paths asks which ways conversations take: what each begins with, the steps in between, and what it ends
// with, as nodes and links for a diagram of flows.
//
// The path of a conversation begins with its value of Start at place 0. Its steps are its tracked events that
// one of Steps takes, in conversation order, and with Converted its first conversion, after all events that are
// not later. Equal steps in a row are one. The first Depth of them are at places 1 … Depth; if there are more,
// a node of kind "more" follows at place Depth+1. The path ends with the value of End at place Depth+2. So
// every conversation has a first and a last node, and what flows into a node flows out of it.
//
// Of the nodes at one place the Limit with the most conversations stay, equal ones by kind, then by name, by their
// bytes, absent ones last; all others become one of kind "other".
type Paths struct {
	Range  Range // open: all
	Zone   string
	Filter *Filter // at the grain of conversations
	// Conversion as in Query.
	Conversion *Conversion
	// Start and End are texts of conversations, fields with one value at most, or "" for nodes without a name.
	Start, End string
	Steps      []PathStep // at most MaxSteps
	Converted  bool
	Depth      int // from 1 to MaxDepth
	Limit      int // from 1 to MaxNodes
}

// Bounds of paths: MaxDepth of the steps of a path, MaxNodes of the nodes at one place.
const (
	MaxDepth = 12
	MaxNodes = 50
)

// PathStep says which events are steps of one kind, and how they are called. An event that several would
// take is taken by the first.
type PathStep struct {
	Kind  string  // distinct, none of the kinds below
	Match *Filter // at the grain of events; nil: all
	// Field, a text of events with one value at most, names the step. An event without it is no step.
	Field string
}

// Kinds of nodes that are no steps of events.
const (
	PathStart      = "start"
	PathConversion = "conversion"
	PathMore       = "more"
	PathOther      = "other"
	PathEnd        = "end"
)

// PathNode is what conversations pass at one place.
type PathNode struct {
	Place int
	Kind  string
	// Name is absent where there is none: of starts and ends without the field, and of other kinds than those
	// of Steps.
	Name Key
	// N is how many conversations pass here.
	N int64
}

// PathLink is how many conversations go from one node to the next: indexes of PathsResult.Nodes.
type PathLink struct {
	From, To int
	N        int64
}

// PathsResult answers Paths. Nodes are ordered by place, then by N, highest first, then by kind and name, those
// of kind "other" last; links by From, then To.
type PathsResult struct {
	Nodes         []PathNode
	Links         []PathLink
	Conversations int64
}

// Validate reports all that is wrong with the question, joined; nil means that every engine answers it.
func (p *Paths) Validate() error {
	errs := scopeFaults(p.Zone, p.Range, 0)
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	errs = append(errs, p.Filter.Validate(Conversations), p.Conversion.validate())
	single := func(g Grain, name string) {
		if f, err := Resolve(g, name); err != nil {
			errs = append(errs, err)
		} else if f.Set || f.Type != String {
			add("%s is no text with one value", name)
		}
	}
	for _, name := range []string{p.Start, p.End} {
		if name != "" {
			single(Conversations, name)
		}
	}
	if len(p.Steps) > MaxSteps {
		add("%d kinds of steps; there are at most %d", len(p.Steps), MaxSteps)
	}
	kinds := []string{"", PathStart, PathConversion, PathMore, PathOther, PathEnd}
	for _, s := range p.Steps {
		if slices.Contains(kinds, s.Kind) {
			add("kind of step %q is empty or taken", s.Kind)
		}
		kinds = append(kinds, s.Kind)
		single(Events, s.Field)
		if err := s.Match.Validate(Events); err != nil {
			add("step %s: %w", s.Kind, err)
		}
	}
	if p.Depth < 1 || p.Depth > MaxDepth {
		add("depth %d; it is from 1 to %d", p.Depth, MaxDepth)
	}
	if p.Limit < 1 || p.Limit > MaxNodes {
		add("limit %d; it is from 1 to %d", p.Limit, MaxNodes)
	}
	return joined(errs)
}

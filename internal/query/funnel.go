package query

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Funnel asks how many conversations, or people, come how far through some steps.
//
// At the grain of conversations those of the question are the conversations whose time is in Range and that
// pass Filter; of each, all tracked events count, also those outside of Range. At the grain of people they are
// the persons of the tracked events that pass Range and Filter, and those events count: steps may lie in
// different conversations.
//
// In order, the time of the first step is that of the earliest event that matches it, and the time of each
// further step that of the earliest event which matches it and is not earlier than the step before: equal
// times will do, and one event may match several steps. With a Window no step may be later than the first
// one's time and the window, both ends included. A step is reached if it and all before it have a time; a
// second try counts no more, if the first was cut off by the window.
//
// With AnyOrder the order of the events does not matter: the window begins with the earliest event that
// matches any step, each step's time is that of the earliest event in the window that matches it, a step is
// reached if it and all before it have one, and it is reached at the latest of these times.
//
// The order of arrival, ids and ties never change an answer.
type Funnel struct {
	Grain  Grain  // Conversations or People
	Range  Range  // open: all
	Zone   string // as in Query, for filters by hour_of_day and weekday
	Filter *Filter
	// Conversion as in Query.
	Conversion *Conversion
	// Steps are filters at the grain of events, from 1 to MaxSteps; nil matches every event. That a fact of
	// the conversation holds is a filter In.
	Steps    []*Filter
	AnyOrder bool
	Window   time.Duration // 0: none
	// Breakdown groups what reaches the first step, as in Query: by fields of conversations; of people, by
	// fields of events, of the first event in order that matches the first step.
	Breakdown []string
	// Limit bounds the groups as in Query; the first measure is how many reach the first step.
	Limit int
}

// MaxSteps bounds the steps of a funnel.
const MaxSteps = 10

// FunnelResult answers a Funnel. Without Breakdown there is one group, also if nothing reaches a step.
type FunnelResult struct {
	Groups []FunnelGroup
	// Total is the number of groups before Limit.
	Total int
}

// FunnelGroup is how far those of one group come.
type FunnelGroup struct {
	Keys  []Key
	Steps []FunnelStep // as Funnel.Steps
}

// FunnelStep is one step of a funnel.
type FunnelStep struct {
	// N is how many reach it.
	N int64
	// MedianMS is the median, over those that reach it, of the time from the step before, in milliseconds:
	// of an even count the mean of the middle two. Absent of the first step, and where nothing reaches it.
	MedianMS Value
}

// Reached is a part of a Filter at the grain of conversations: those that reach a step of a funnel. Of a funnel
// of people they are the conversations of the persons who do. The funnel has a range, a filter and a conversion
// of its own; its breakdown is of no matter.
type Reached struct {
	Funnel *Funnel
	Step   int // from 1
}

// Validate reports all that is wrong with the funnel, joined; nil means that every engine answers it.
func (f *Funnel) Validate() error { return f.validate(0) }

func (f *Funnel) validate(depth int) error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	filterGrain := Conversations
	switch f.Grain {
	case Conversations:
	case People:
		filterGrain = Events
	default:
		add("no funnel of %q", f.Grain)
	}
	if f.Filter != nil {
		errs = append(errs, f.Filter.validate(filterGrain, depth+1))
	}
	errs = append(errs, scopeFaults(f.Zone, f.Range, f.Limit)...)
	if len(f.Steps) < 1 || len(f.Steps) > MaxSteps {
		add("%d steps; there are from 1 to %d", len(f.Steps), MaxSteps)
	}
	for i, s := range f.Steps {
		if s == nil {
			continue
		}
		if err := s.validate(Events, depth+1); err != nil {
			add("step %d: %w", i+1, err)
		}
	}
	if f.Window < 0 {
		add("window %s is negative", f.Window)
	}
	for i, name := range f.Breakdown {
		if _, err := Resolve(filterGrain, name); err != nil {
			add("breakdown: %w", err)
		}
		if slices.Contains(f.Breakdown[:i], name) {
			add("breakdown names %s twice", name)
		}
	}
	errs = append(errs, f.Conversion.validate())
	return joined(errs)
}

func (r *Reached) validate(g Grain, depth int) error {
	switch {
	case g != Conversations:
		return fmt.Errorf("reached is for conversations, not %s", g)
	case r.Funnel == nil:
		return errors.New("reached names no funnel")
	case r.Step < 1 || r.Step > len(r.Funnel.Steps):
		return fmt.Errorf("step %d; the funnel has %d", r.Step, len(r.Funnel.Steps))
	}
	return r.Funnel.validate(depth)
}

// scopeFaults is what may be wrong with what all questions have.
func scopeFaults(zone string, r Range, limit int) (errs []error) {
	if _, err := LoadZone(zone); err != nil {
		errs = append(errs, err)
	}
	if !r.From.IsZero() && !r.Until.IsZero() && r.Until.Before(r.From) {
		errs = append(errs, fmt.Errorf("range ends (%s) before it starts (%s)", r.Until.Format(time.RFC3339), r.From.Format(time.RFC3339)))
	}
	if limit < 0 || limit > MaxLimit {
		errs = append(errs, fmt.Errorf("limit %d; it is from 1 to %d", limit, MaxLimit))
	}
	return errs
}

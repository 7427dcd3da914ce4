package compute

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/profilestore"
)

// workBehind computes a page of what is to be computed for everybody: of one definition, the one that waits longest,
// and reports whether there may be more.
func (c *Compute) workBehind(ctx context.Context, defs []*Definition) (more bool, err error) {
	d := c.mostBehind(defs)
	if d == nil {
		return c.workOrphans(ctx, defs)
	}
	s := c.state(d.ID)
	if s.Version != d.Version || !s.Running {
		s = c.begun(d)
	}
	began := time.Now()
	var done saved
	if d.Kind == SQL {
		done, err = c.runSQL(ctx, defs, d)
		s.Place, s.After = 0, ""
	} else {
		done, err = c.page(ctx, defs, d, &s)
	}
	var fault *faultError
	switch {
	case errors.As(err, &fault):
		at := slices.IndexFunc(defs, func(d *Definition) bool { return d.ID == fault.id })
		return true, c.save(ctx, defs, saved{States: map[string]state{fault.id: c.failed(defs[at], fault)}})
	case err != nil:
		return false, err
	}
	s.Took += time.Since(began)
	if s.Place == 0 && s.After == "" {
		now := c.config.Now()
		s.Running, s.Again, s.Finished, s.Next = false, false, now, next(d, now, s.Took)
	}
	done.States = map[string]state{d.ID: s}
	return true, c.save(ctx, defs, done)
}

// mostBehind returns a definition that is to be computed for everybody: one that is under way, else the one that waits
// longest; nil if there is none.
func (c *Compute) mostBehind(defs []*Definition) *Definition {
	var found *Definition
	var its state
	for _, d := range defs {
		s := c.state(d.ID)
		if !c.due(d, s) {
			continue
		}
		if s.Version == d.Version && s.Running {
			return d
		}
		if found == nil || s.Next.Before(its.Next) {
			found, its = d, s
		}
	}
	return found
}

// page computes a definition, and those that look at it, for the next of everybody.
func (c *Compute) page(ctx context.Context, defs []*Definition, d *Definition, s *state) (saved, error) {
	var people []string
	var err error
	if s.Again && d.Kind == Trait { // time takes values, and gives none
		people, err = c.holders(ctx, d.Key, s)
	} else {
		people, s.Place, err = c.config.Profiles.Known(ctx, s.Place, c.config.Page)
	}
	if err != nil {
		return saved{}, err
	}
	outcomes, err := c.outcomes(ctx, append([]*Definition{d}, c.dependents(defs, d)...), people, nil)
	return saved{Outcomes: outcomes}, err
}

// holders returns the next who have a value.
func (c *Compute) holders(ctx context.Context, key string, s *state) ([]string, error) {
	some, err := c.config.Profiles.WithKey(ctx, key, s.After, c.config.Page)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, v := range some {
		people = append(people, v.Person)
	}
	if s.After = ""; len(some) == c.config.Page {
		s.After = people[len(people)-1]
	}
	return people, nil
}

// dependents are the audiences that look at a definition's traits.
func (c *Compute) dependents(defs []*Definition, d *Definition) []*Definition {
	return slices.DeleteFunc(slices.Clone(defs), func(o *Definition) bool { return !o.uses(d.Keys()) || !c.follows(o) })
}

// workOrphans takes values that no definition defines any more, and reports whether there may be more.
func (c *Compute) workOrphans(ctx context.Context, defs []*Definition) (more bool, err error) {
	sizes, err := c.config.Profiles.Sizes(ctx)
	if err != nil {
		return false, err
	}
	known := map[string]bool{}
	defined := map[string]bool{}
	for _, d := range defs {
		known[d.ID] = true
		for _, key := range d.Keys() {
			defined[key] = true
		}
	}
	for key := range sizes {
		if !defined[key] {
			return true, c.takeFrom(ctx, defs, key)
		}
	}
	var gone saved
	for id := range c.allStates() {
		if !known[id] {
			gone.Gone = append(gone.Gone, id)
		}
	}
	if len(gone.Gone) == 0 {
		return false, nil
	}
	slices.SortFunc(gone.Gone, strings.Compare)
	return false, c.save(ctx, defs, gone)
}

// takeFrom takes the values of a key from a page of people. Audiences that look at it follow.
func (c *Compute) takeFrom(ctx context.Context, defs []*Definition, key string) error {
	some, err := c.config.Profiles.WithKey(ctx, key, "", c.config.Page)
	if err != nil {
		return err
	}
	out := saved{}
	var people []string
	for _, v := range some {
		people = append(people, v.Person)
		out.Outcomes = append(out.Outcomes, profilestore.Outcome{Key: key, Person: v.Person})
	}
	if slices.ContainsFunc(defs, func(d *Definition) bool { return d.uses([]string{key}) }) {
		// They are marked first: their values are looked at when these are gone.
		if err := c.config.Profiles.MarkStale(ctx, people, false); err != nil {
			return err
		}
	}
	return c.save(ctx, defs, out)
}

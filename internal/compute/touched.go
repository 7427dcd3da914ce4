package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/profilestore"
)

// workTouched computes all that is enabled for a page of those who were touched, and reports whether there may be more.
func (c *Compute) workTouched(ctx context.Context, defs []*Definition) (more bool, err error) {
	marks, err := c.config.Profiles.StaleNow(ctx, c.config.Page)
	if err != nil || len(marks) == 0 {
		return false, err
	}
	var people, conversations []string
	for _, m := range marks {
		if m.Conversation {
			conversations = append(conversations, m.ID)
		} else {
			people = append(people, m.ID)
		}
	}
	more = len(people) >= c.config.Page || len(conversations) >= c.config.Page
	theirs, err := c.personsOf(ctx, conversations)
	if err != nil {
		return false, err
	}
	people = append(people, theirs...)
	slices.Sort(people)
	people = slices.Compact(people)
	outcomes, states, err := c.compute(ctx, slices.DeleteFunc(slices.Clone(defs), func(d *Definition) bool { return !c.follows(d) }), people)
	if err != nil {
		return false, err
	}
	gone, err := c.lost(ctx, people)
	if err != nil {
		return false, err
	}
	return more, c.save(ctx, defs, saved{Outcomes: append(gone, outcomes...), States: states, Done: marks})
}

// follows says that a definition is computed for people as they are touched: once it was begun for everybody, also while it
// waits to be computed for everybody anew.
func (c *Compute) follows(d *Definition) bool {
	s := c.state(d.ID)
	return d.Enabled && d.Kind != SQL && s.Version > 0 && s.Error == ""
}

// compute is outcomes of those definitions that can be computed; what is stored of others says why not.
func (c *Compute) compute(ctx context.Context, defs []*Definition, people []string) ([]profilestore.Outcome, map[string]state, error) {
	states := map[string]state{}
	for {
		outcomes, err := c.outcomes(ctx, defs, people, nil)
		var fault *faultError
		if !errors.As(err, &fault) {
			return outcomes, states, err
		}
		i := slices.IndexFunc(defs, func(d *Definition) bool { return d.ID == fault.id })
		states[fault.id] = c.failed(defs[i], fault)
		defs = slices.Delete(slices.Clone(defs), i, i+1)
	}
}

// lost are outcomes that take all values from those of some people who are none any more: of definitions that are not
// computed now, too.
func (c *Compute) lost(ctx context.Context, people []string) ([]profilestore.Outcome, error) {
	alive, err := c.config.Profiles.Living(ctx, people)
	if err != nil {
		return nil, err
	}
	gone := slices.DeleteFunc(slices.Clone(people), func(p string) bool { return alive[p] })
	stored, err := c.config.Profiles.ComputedOf(ctx, gone)
	if err != nil {
		return nil, err
	}
	var out []profilestore.Outcome
	for _, v := range stored {
		out = append(out, profilestore.Outcome{Key: v.Key, Person: v.Person})
	}
	return out, nil
}

// save stores what was computed with the calls that tell of changes, and some states.
func (c *Compute) save(ctx context.Context, defs []*Definition, v saved) error {
	texts := map[string]string{}
	for id, s := range v.States {
		text, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("encode how far %s is computed: %w", id, err)
		}
		texts[id] = string(text)
	}
	for _, id := range v.Gone {
		texts[id] = ""
	}
	t := c.teller(defs)
	changed, err := c.config.Profiles.SaveComputed(ctx, profilestore.Save{Outcomes: v.Outcomes, States: texts, Done: v.Done, Tell: t.tell, Now: t.now})
	if err != nil {
		return err
	}
	c.meters.changes.Add(changed)
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, s := range v.States {
		c.states[id] = s
	}
	for _, id := range v.Gone {
		delete(c.states, id)
	}
	return nil
}

// saved is what one step of work came to.
type saved struct {
	Outcomes []profilestore.Outcome
	States   map[string]state
	Gone     []string // ids whose states are removed
	Done     []profilestore.Stale
}

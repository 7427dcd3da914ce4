package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

// faultError says that one definition cannot be computed; others can.
type faultError struct {
	id  string
	err error
}

func (e *faultError) Error() string { return e.err.Error() }
func (e *faultError) Unwrap() error { return e.err }

// at is when and under what a question is asked.
func (c *Compute) at(ctx context.Context, q *trait.Definition) (trait.At, error) {
	at := trait.At{Now: c.config.Now()}
	if !q.AsksConversion() && q.Conversion == "" {
		return at, nil
	}
	if c.config.Conversion == nil {
		return at, fmt.Errorf("conversion %q: %w", q.Conversion, ErrNotFound)
	}
	var err error
	at.Conversion, err = c.config.Conversion(ctx, q.Conversion)
	return at, err
}

// evaluate asks a question for some people.
func (c *Compute) evaluate(ctx context.Context, d *Definition, q *trait.Definition, people []string) (trait.Values, error) {
	at, err := c.at(ctx, q)
	var out trait.Values
	if err == nil {
		out, err = q.Evaluate(ctx, c.config.Store, people, at)
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, eventstore.ErrInvalid) {
		err = &faultError{d.ID, err}
	}
	return out, err
}

// values computes a trait for some people.
func (c *Compute) values(ctx context.Context, d *Definition, people []string) (trait.Values, error) {
	values, err := c.evaluate(ctx, d, d.Trait, people)
	if err != nil || !d.Trait.AsksTopics() || c.config.Names == nil {
		return values, err
	}
	return values, c.name(ctx, d.Trait.Field, values)
}

// name puts names in the place of ids, where there are some.
func (c *Compute) name(ctx context.Context, field string, values trait.Values) error {
	each := func(f func(string) string) {
		for person, raw := range values {
			var one string
			var list []string
			switch {
			case json.Unmarshal(raw, &one) == nil:
				values[person], _ = json.Marshal(f(one)) // texts always encode
			case json.Unmarshal(raw, &list) == nil:
				for i := range list {
					list[i] = f(list[i])
				}
				slices.Sort(list)
				values[person], _ = json.Marshal(list)
			}
		}
	}
	ids := map[string]bool{}
	each(func(id string) string { ids[id] = true; return id })
	names, err := c.config.Names(ctx, field, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return fmt.Errorf("read names of topics: %w", err)
	}
	each(func(id string) string {
		if name := names[id]; name != "" {
			return name
		}
		return id
	})
	return nil
}

// members finds out for whom of some people a rule holds, given their traits, and answers true for those.
func (c *Compute) members(ctx context.Context, d *Definition, people []string, traits map[string]map[string]json.RawMessage) (trait.Values, error) {
	deeds := d.Rule.Deeds()
	counts := make([]trait.Values, len(deeds))
	for i, deed := range deeds {
		q := deed.Definition()
		var err error
		if counts[i], err = c.evaluate(ctx, d, &q, people); err != nil {
			return nil, err
		}
	}
	out, now := trait.Values{}, c.config.Now()
	for _, person := range people {
		p := audience.Person{Traits: traits[person], Counts: make([]int, len(deeds))}
		for i := range deeds {
			if n, ok := counts[i][person]; ok {
				var err error
				if p.Counts[i], err = strconv.Atoi(string(n)); err != nil {
					return nil, fmt.Errorf("read count of %s: %w", d.Key, err)
				}
			}
		}
		if d.Rule.Holds(p, now) {
			out[person] = json.RawMessage("true")
		}
	}
	return out, nil
}

// outcomes computes some definitions for some people. fresh are values that are computed already and not stored yet,
// by key; they are among the outcomes. Who is no person any more has nothing.
func (c *Compute) outcomes(ctx context.Context, defs []*Definition, people []string, fresh map[string]trait.Values) ([]profilestore.Outcome, error) {
	alive, err := c.living(ctx, people)
	if err != nil {
		return nil, err
	}
	if fresh == nil {
		fresh = map[string]trait.Values{}
	}
	var audiences []*Definition
	var looked []string
	for _, d := range defs {
		switch d.Kind {
		case Trait:
			if fresh[d.Key], err = c.values(ctx, d, alive); err != nil {
				return nil, err
			}
		case Audience:
			audiences = append(audiences, d)
			looked = append(looked, d.Rule.Keys()...)
		}
	}
	traits, err := c.traits(ctx, alive, looked, fresh)
	if err != nil {
		return nil, err
	}
	for _, d := range audiences {
		if fresh[d.Key], err = c.members(ctx, d, alive, traits); err != nil {
			return nil, err
		}
	}
	c.meters.people.Add(len(people))
	out := make([]profilestore.Outcome, 0, len(fresh)*len(people))
	for _, key := range slices.Sorted(maps.Keys(fresh)) {
		for _, person := range people {
			out = append(out, profilestore.Outcome{Key: key, Person: person, Value: fresh[key][person]})
		}
	}
	return out, nil
}

// living returns those of some keys that are persons.
func (c *Compute) living(ctx context.Context, people []string) ([]string, error) {
	is, err := c.config.Profiles.Living(ctx, people)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(people), func(p string) bool { return !is[p] }), nil
}

// traits returns some traits of people: those that were sent, in their place those that are computed.
func (c *Compute) traits(ctx context.Context, people, keys []string, fresh map[string]trait.Values) (map[string]map[string]json.RawMessage, error) {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil, nil
	}
	out, err := c.config.Profiles.SentTraits(ctx, people, keys)
	if err != nil {
		return nil, err
	}
	set := func(person, key string, value json.RawMessage) {
		if out[person] == nil {
			out[person] = map[string]json.RawMessage{}
		}
		out[person][key] = value
	}
	stored, err := c.config.Profiles.ComputedOf(ctx, people)
	if err != nil {
		return nil, err
	}
	for _, v := range stored {
		if _, again := fresh[v.Key]; !again && slices.Contains(keys, v.Key) {
			set(v.Person, v.Key, v.Value)
		}
	}
	for key, values := range fresh {
		for person, value := range values {
			set(person, key, value)
		}
	}
	return out, nil
}

// personsOf returns the persons who have events in conversations.
func (c *Compute) personsOf(ctx context.Context, conversations []string) ([]string, error) {
	if len(conversations) == 0 {
		return nil, nil
	}
	res, err := c.config.Store.Query(ctx, query.Query{
		Grain: query.Events, Filter: query.Is("conversation_id", query.Eq, conversations...), Breakdown: []string{"person"},
		Measures: []query.Measure{{As: "n", Op: query.Count}}, Limit: query.MaxLimit,
	})
	if err != nil {
		return nil, fmt.Errorf("find people of conversations: %w", err)
	}
	if res.Groups > len(res.Rows) {
		c.config.Logger.Warn("a conversation has more people than can be computed at once")
	}
	var out []string
	for _, r := range res.Rows {
		if k := r.Keys[0]; !k.Absent {
			out = append(out, k.Value)
		}
	}
	return out, nil
}

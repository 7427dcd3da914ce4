package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// List returns the definitions of some kinds by key.
func (c *Compute) List(ctx context.Context, kinds ...Kind) ([]*Definition, error) {
	all, err := c.load(ctx)
	return slices.DeleteFunc(all, func(d *Definition) bool { return !slices.Contains(kinds, d.Kind) }), err
}

// Get returns the definition of a key, if it is of some kinds; or ErrNotFound.
func (c *Compute) Get(ctx context.Context, key string, kinds ...Kind) (*Definition, error) {
	all, err := c.List(ctx, kinds...)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.Key == key {
			return d, nil
		}
	}
	return nil, fmt.Errorf("no %s has the key %q: %w", kinds[0], key, ErrNotFound)
}

// Create adds a definition. It is computed for everybody in the background. It returns ErrInvalid, or ErrConflict if
// one of its keys is taken.
func (c *Compute) Create(ctx context.Context, d Definition) (*Definition, error) {
	return c.define(ctx, d, c.config.Meta.CreateComputed)
}

// Put replaces the definition of a key, but for its id and kind. If what is computed is another, or it is enabled
// again, it is computed anew for everybody. It returns ErrNotFound, ErrInvalid or ErrConflict.
func (c *Compute) Put(ctx context.Context, d Definition) (*Definition, error) {
	return c.define(ctx, d, c.config.Meta.PutComputed)
}

func (c *Compute) define(ctx context.Context, d Definition, store func(context.Context, string, metastore.Computed) (metastore.Computed, error)) (*Definition, error) {
	if err := c.check(ctx, &d); err != nil {
		return nil, err
	}
	m, err := d.stored()
	if err != nil {
		return nil, err
	}
	if m, err = store(ctx, c.config.Workspace, m); err != nil {
		return nil, translated(err)
	}
	c.rounds.Wake()
	return definitionOf(m)
}

// Delete removes the definition of a key, of some kinds. In the background everybody loses its values, and is told of
// as of any change.
func (c *Compute) Delete(ctx context.Context, key string, kinds ...Kind) error {
	if _, err := c.Get(ctx, key, kinds...); err != nil {
		return err
	}
	if err := c.config.Meta.DeleteComputed(ctx, c.config.Workspace, key); err != nil {
		return translated(err)
	}
	c.rounds.Wake()
	return nil
}

// Rebuild computes the definition of a key anew for everybody, in the background.
func (c *Compute) Rebuild(ctx context.Context, key string, kinds ...Kind) (*Definition, error) {
	if _, err := c.Get(ctx, key, kinds...); err != nil {
		return nil, err
	}
	if err := c.raise(ctx, []string{key}); err != nil {
		return nil, err
	}
	return c.Get(ctx, key, kinds...)
}

func (c *Compute) raise(ctx context.Context, keys []string) error {
	if err := c.config.Meta.RaiseComputed(ctx, c.config.Workspace, keys...); err != nil {
		return err
	}
	c.rounds.Wake()
	return nil
}

// ConversionsChanged computes anew what looks at conversions.
func (c *Compute) ConversionsChanged(ctx context.Context) error {
	return c.raiseThose(ctx, func(d *Definition) bool {
		for _, q := range d.asked() {
			if q.AsksConversion() {
				return true
			}
		}
		return false
	})
}

// TopicsChanged computes anew what is called by the names of topics.
func (c *Compute) TopicsChanged(ctx context.Context) error {
	return c.raiseThose(ctx, func(d *Definition) bool { return d.Kind == Trait && d.Trait.AsksTopics() })
}

func (c *Compute) raiseThose(ctx context.Context, is func(*Definition) bool) error {
	all, err := c.load(ctx)
	if err != nil {
		return err
	}
	var keys []string
	for _, d := range all {
		if is(d) {
			keys = append(keys, d.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return c.raise(ctx, keys)
}

// check reports why a definition cannot be one, by itself or beside the others, and fills in the columns of a statement.
func (c *Compute) check(ctx context.Context, d *Definition) error {
	if err := d.validate(); err != nil {
		return fmt.Errorf("%w: %s", ErrInvalid, inOneLine(err))
	}
	if d.Kind == Audience {
		if err := d.Rule.Futile(); err != nil {
			return fmt.Errorf("%w: %s", ErrInvalid, inOneLine(err))
		}
	}
	if err := c.checkConversions(ctx, d); err != nil {
		return err
	}
	if d.Kind == SQL {
		if err := c.readColumns(ctx, d.SQL); err != nil {
			return err
		}
	}
	all, err := c.load(ctx)
	if err != nil {
		return err
	}
	var before []string
	for _, o := range all {
		if o.Key == d.Key {
			before = o.Destinations
			continue
		}
		for _, key := range append(d.Keys(), d.Key) {
			if slices.Contains(append(o.Keys(), o.Key), key) {
				return fmt.Errorf("%w: the key %q is that of %s %q", ErrConflict, key, o.Kind, o.Name)
			}
		}
		if a, b := d, o; a.Kind == Audience && b.Kind == Audience && (a.uses(b.Keys()) || b.uses(a.Keys())) {
			return fmt.Errorf("%w: rules look at traits; %q is an audience: repeat its conditions instead", ErrInvalid, o.Key)
		}
	}
	if d.uses([]string{d.Key}) {
		return fmt.Errorf("%w: the rule looks at its own key", ErrInvalid)
	}
	return c.checkDestinations(ctx, d, before)
}

// checkDestinations reports a destination that there is none of, unless it was named before: it is gone since.
func (c *Compute) checkDestinations(ctx context.Context, d *Definition, before []string) error {
	if len(d.Destinations) == 0 {
		return nil
	}
	all, err := c.config.Meta.Destinations(ctx, c.config.Workspace)
	if err != nil {
		return err
	}
	for _, id := range d.Destinations {
		if !slices.Contains(before, id) && !slices.ContainsFunc(all, func(o metastore.Destination) bool { return o.ID == id }) {
			return fmt.Errorf("%w: there is no destination %q; say ids of destinations, or none for all", ErrInvalid, id)
		}
	}
	return nil
}

// checkConversions reports a definition of conversions that there is none of.
func (c *Compute) checkConversions(ctx context.Context, d *Definition) error {
	for _, q := range d.asked() {
		if _, err := c.at(ctx, &q); errors.Is(err, ErrNotFound) {
			return fmt.Errorf("%w: there is no conversion %q", ErrInvalid, q.Conversion)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func inOneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// translated says an error of the metadata store in the words of this package.
func translated(err error) error {
	switch {
	case errors.Is(err, metastore.ErrNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, metastore.ErrExists):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case errors.Is(err, metastore.ErrInvalid):
		return fmt.Errorf("%w: %s", ErrInvalid, strings.ReplaceAll(err.Error(), metastore.ErrInvalid.Error()+": ", ""))
	}
	return err
}

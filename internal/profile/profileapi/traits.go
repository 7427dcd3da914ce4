package profileapi

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/query"
)

// verboseTrait is a trait with where it comes from.
type verboseTrait struct {
	Value     json.RawMessage `json:"value"`
	SourceID  string          `json:"source_id"`
	UpdatedAt time.Time       `json:"updated_at"`
}

func (c *call) getTraits() error {
	limit, err := c.limit(10, 200)
	if err != nil {
		return err
	}
	verbose, err := c.truth("verbose")
	if err != nil {
		return err
	}
	seen, err := c.next(1)
	if err != nil {
		return err
	}
	class, err := c.class()
	if err != nil {
		return err
	}
	all, err := c.profile.Traits(c.r.Context())
	if err != nil {
		return err
	}
	if include := c.names("include"); include != nil {
		all = slices.DeleteFunc(all, func(t profile.Trait) bool { return !slices.Contains(include, t.Name) })
	}
	if class != profile.Sent {
		all = slices.DeleteFunc(all, func(t profile.Trait) bool { return t.Class != class })
	}
	all, next := page(all, limit, seen, func(t profile.Trait) query.Cursor { return query.Cursor{t.Name} },
		func(t profile.Trait, seen query.Cursor) bool { return t.Name > seen[0] })
	traits := make(map[string]any, len(all))
	for _, t := range all {
		if verbose {
			traits[t.Name] = verboseTrait{t.Value, t.Source, t.At}
		} else {
			traits[t.Name] = t.Value
		}
	}
	return c.answer(struct {
		Traits map[string]any `json:"traits"`
		Cursor cursor         `json:"cursor"`
	}{traits, c.cursor(next, limit)})
}

// class reads which traits are asked for; Sent stands for all, as Segment has no word for it.
func (c *call) class() (profile.Class, error) {
	switch class := profile.Class(c.values.Get("class")); class {
	case "", profile.Computed, profile.Audience:
		return class, nil
	}
	return "", invalid("class is audience or computed_trait.")
}

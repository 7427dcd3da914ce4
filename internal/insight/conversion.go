package insight

import (
	"context"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/query"
)

// Conversion is a definition of the workspace: what counts as a conversion. It is applied when a
// question is asked, so it holds for the past as well.
type Conversion struct {
	Name string `json:"name"`
	// Events are names of track calls, any of which counts. Without names, events of kind conversion count.
	Events []string `json:"events"`
	// Where are conditions on the event as [query.ParseCondition] reads them; all must hold.
	Where []string `json:"where"`
}

// Match returns the definition as a filter on events, or what is wrong with it.
func (c *Conversion) Match() (*query.Filter, error) {
	f := defaultConversion()
	if len(c.Events) > 0 {
		f = query.Is("source_event", query.Eq, c.Events...)
	}
	for _, w := range c.Where {
		cond, err := query.ParseCondition(w)
		if err != nil {
			return nil, fmt.Errorf("where %q: %w", w, err)
		}
		part, err := cond.At(query.Events)
		if err != nil {
			return nil, fmt.Errorf("where %q: %w", w, err)
		}
		f = query.AllOf(f, part)
	}
	return f, f.Validate(query.Events)
}

// defaultConversion is what counts in a workspace without definitions.
func defaultConversion() *query.Filter { return query.Is("kind", query.Eq, "conversion") }

// Conversion returns the definition of a name, any of all for "", for questions that are asked elsewhere. It returns a
// [ParameterError] for a name that is none.
func (in *Insight) Conversion(ctx context.Context, name string) (*query.Conversion, error) {
	return in.conversion(ctx, name, false)
}

// conversion returns the definition that a question asks for: the one named, or any of all.
func (in *Insight) conversion(ctx context.Context, name string, explicit bool) (*query.Conversion, error) {
	var defs []Conversion
	if in.Conversions != nil {
		var err error
		if defs, err = in.Conversions.Conversions(ctx); err != nil {
			return nil, fmt.Errorf("read conversion definitions: %w", err)
		}
	}
	if name != "" {
		i := slices.IndexFunc(defs, func(d Conversion) bool { return d.Name == name })
		if i < 0 {
			return nil, fault("conversion", "no conversion is called %q", name)
		}
		defs = defs[i : i+1]
	}
	out := &query.Conversion{Name: name, Explicit: explicit}
	var any []*query.Filter
	for _, d := range defs {
		f, err := d.Match()
		if err != nil {
			return nil, fault("conversion", "definition %s: %w", d.Name, err)
		}
		any = append(any, f)
	}
	switch len(any) {
	case 0:
		out.Match = defaultConversion()
	case 1:
		out.Match = any[0]
	default:
		out.Match = &query.Filter{Or: any}
	}
	return out, nil
}

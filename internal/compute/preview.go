package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/trait"
)

// Preview is what a definition would come to.
type Preview struct {
	// Looked is how many people were looked at, those seen last; Complete: all that there are.
	Looked   int
	Complete bool
	// Size is how many of them would have a value; Sample are some.
	Size   int
	Sample []Sample
	// Columns are the keys of the values.
	Columns []string
}

// Sample is what a person would have, by key.
type Sample struct {
	Person string
	Values map[string]json.RawMessage
}

// maxSample is how many people a preview shows.
const maxSample = 20

// Preview computes a definition for the people who were seen last, at most so many, and stores nothing. It returns
// ErrInvalid, or ErrConflict where the definition could not be stored.
func (c *Compute) Preview(ctx context.Context, d Definition, people int) (*Preview, error) {
	if err := c.check(ctx, &d); err != nil {
		return nil, err
	}
	if d.Kind == SQL {
		return c.previewSQL(ctx, &d)
	}
	out := &Preview{Columns: d.Keys()}
	seen := map[string]bool{}
	for place := int64(0); ; {
		some, last, err := c.config.Profiles.Newest(ctx, place, c.config.Page)
		if err != nil {
			return nil, err
		}
		some = slices.DeleteFunc(some, func(p string) bool { return seen[p] })
		some = some[:min(len(some), people-out.Looked)]
		for _, p := range some {
			seen[p] = true
		}
		outcomes, err := c.outcomes(ctx, []*Definition{&d}, some, nil)
		if err != nil {
			return nil, mended(err)
		}
		out.Looked += len(some)
		out.add(outcomes)
		if place = last; place == 0 || out.Looked >= people {
			out.Complete = place == 0
			return out, nil
		}
	}
}

// mended says a fault of a definition as one that can be mended.
func mended(err error) error {
	if errors.As(err, new(*faultError)) {
		return fmt.Errorf("%w: %s", ErrInvalid, err)
	}
	return err
}

func (p *Preview) add(outcomes []profilestore.Outcome) {
	for _, o := range outcomes {
		if o.Value == nil {
			continue
		}
		p.Size++
		if len(p.Sample) < maxSample {
			p.Sample = append(p.Sample, Sample{o.Person, map[string]json.RawMessage{o.Key: o.Value}})
		}
	}
}

func (c *Compute) previewSQL(ctx context.Context, d *Definition) (*Preview, error) {
	values, err := c.sqlValues(ctx, d.SQL)
	if errors.Is(err, errSQL) {
		return nil, fmt.Errorf("%w: %s", ErrInvalid, strings.TrimPrefix(err.Error(), errSQL.Error()+": "))
	}
	if err != nil {
		return nil, err
	}
	people := trait.Values{}
	for _, key := range d.SQL.Columns {
		maps.Copy(people, values[key])
	}
	out := &Preview{Looked: len(people), Size: len(people), Complete: true, Columns: d.SQL.Columns}
	for _, person := range slices.Sorted(maps.Keys(people)) {
		if len(out.Sample) == maxSample {
			break
		}
		s := Sample{person, map[string]json.RawMessage{}}
		for _, key := range d.SQL.Columns {
			if v, ok := values[key][person]; ok {
				s.Values[key] = v
			}
		}
		out.Sample = append(out.Sample, s)
	}
	return out, nil
}

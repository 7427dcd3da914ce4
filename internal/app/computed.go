package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/compute"
	"github.com/debrief-dev/debrief/internal/eventlog/filelog"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

// emittedName is the folder of the log of emitted calls in the directory of a workspace.
const emittedName = "emitted"

// openCompute opens what computes traits and audiences, and the log that it tells of changes in.
func (a *App) openCompute(ctx context.Context, w metastore.Workspace, dir string) error {
	log, err := filelog.Open(filelog.Config{Dir: filepath.Join(dir, emittedName), Logger: a.cfg.Log})
	if err != nil {
		return err
	}
	a.emitted = log
	a.parts.opened("log of emitted calls", log.Close)
	in := &insight.Insight{Store: a.store, Conversions: settings{store: a.meta, workspace: w.ID}}
	c := compute.Config{
		Workspace: w.ID, Meta: a.meta, Store: a.store, Profiles: a.profiles, Log: log, Names: (&topicsOf{topics: a.topics}).Names,
		Conversion: func(ctx context.Context, name string) (*query.Conversion, error) {
			found, err := in.Conversion(ctx, name)
			if errors.As(err, new(*insight.ParameterError)) {
				err = fmt.Errorf("%w: %w", compute.ErrNotFound, err)
			}
			return found, err
		},
		Metrics: a.metrics, Logger: a.cfg.Log,
	}
	if engine, ok := a.store.(api.Console); ok {
		c.SQL = engine.SQL
	}
	if a.compute, err = compute.Open(ctx, c); err != nil {
		return fmt.Errorf("open computing: %w", err)
	}
	return nil
}

// computations are traits and audiences in the words of the API.
type computations struct {
	compute  *compute.Compute
	profiles *profilestore.Store
	together *profile.Profiles
}

var _ api.Computations = computations{}

// kindsOf are the kinds of definitions that the API means by one of its.
func kindsOf(kind api.ComputedKind) []compute.Kind {
	if kind == api.AudienceKind {
		return []compute.Kind{compute.Audience}
	}
	return []compute.Kind{compute.Trait, compute.SQL}
}

func computeError(err error) error {
	switch {
	case errors.Is(err, compute.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, compute.ErrConflict):
		return fmt.Errorf("%w: %w", api.ErrConflict, err)
	case errors.Is(err, compute.ErrInvalid):
		return fmt.Errorf("%w: %s", api.ErrInvalid, strings.TrimPrefix(err.Error(), compute.ErrInvalid.Error()+": "))
	}
	return err
}

func computedOf(d *compute.Definition) api.Computed {
	out := api.Computed{
		ID: d.ID, Key: d.Key, Name: d.Name, Doc: d.Doc, Enabled: d.Enabled, Emit: string(d.Emit), Destinations: append([]string{}, d.Destinations...),
		Definition: d.Trait, Rule: d.Rule, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
	if d.SQL != nil {
		out.SQL = &api.SQLTraits{Statement: d.SQL.Statement, Every: string(d.SQL.Every), Columns: append([]string{}, d.SQL.Columns...)}
	}
	return out
}

func definitionOf(c *api.Computed) compute.Definition {
	d := compute.Definition{Key: c.Key, Name: c.Name, Doc: c.Doc, Enabled: c.Enabled, Emit: compute.Emit(c.Emit), Destinations: c.Destinations,
		Kind: compute.Trait, Trait: c.Definition, Rule: c.Rule}
	switch {
	case c.SQL != nil:
		d.Kind, d.SQL = compute.SQL, &compute.SQLTraits{Statement: c.SQL.Statement, Every: compute.Every(c.SQL.Every), Columns: c.SQL.Columns}
	case c.Rule != nil:
		d.Kind = compute.Audience
	}
	return d
}

// described are definitions with how far they are.
func (c computations) described(ctx context.Context, defs ...*compute.Definition) ([]api.Computed, error) {
	all, err := c.compute.Statuses(ctx, defs)
	if err != nil {
		return nil, err
	}
	out := make([]api.Computed, len(defs))
	for i, d := range defs {
		out[i] = computedOf(d)
		s := all[i]
		out[i].Status = &api.ComputedStatus{State: string(s.State), Reason: s.Reason, People: s.People, ComputedAt: s.Computed, NextAt: s.Next}
		if s.Pass != nil {
			out[i].Status.Pass = &api.ComputedPass{Looked: s.Pass.Looked, Total: s.Pass.Total, BeganAt: s.Pass.Began}
		}
	}
	return out, nil
}

// one is a definition with how far it is, unless there was an error.
func (c computations) one(ctx context.Context, d *compute.Definition, err error) (api.Computed, error) {
	if err != nil {
		return api.Computed{}, computeError(err)
	}
	all, err := c.described(ctx, d)
	if err != nil {
		return api.Computed{}, err
	}
	return all[0], nil
}

// List returns all of a kind.
func (c computations) List(ctx context.Context, kind api.ComputedKind) ([]api.Computed, error) {
	all, err := c.compute.List(ctx, kindsOf(kind)...)
	if err != nil {
		return nil, err
	}
	return c.described(ctx, all...)
}

// Get returns one.
func (c computations) Get(ctx context.Context, kind api.ComputedKind, key string) (api.Computed, error) {
	d, err := c.compute.Get(ctx, key, kindsOf(kind)...)
	return c.one(ctx, d, err)
}

// Create adds one.
func (c computations) Create(ctx context.Context, n api.Computed) (api.Computed, error) {
	d, err := c.compute.Create(ctx, definitionOf(&n))
	return c.one(ctx, d, err)
}

// Put replaces one.
func (c computations) Put(ctx context.Context, n api.Computed) (api.Computed, error) {
	d, err := c.compute.Put(ctx, definitionOf(&n))
	return c.one(ctx, d, err)
}

// Delete removes one.
func (c computations) Delete(ctx context.Context, kind api.ComputedKind, key string) error {
	return computeError(c.compute.Delete(ctx, key, kindsOf(kind)...))
}

// Rebuild computes one anew.
func (c computations) Rebuild(ctx context.Context, kind api.ComputedKind, key string) (api.Computed, error) {
	d, err := c.compute.Rebuild(ctx, key, kindsOf(kind)...)
	return c.one(ctx, d, err)
}

// Preview computes one and stores nothing.
func (c computations) Preview(ctx context.Context, n api.Computed, people int) (api.ComputedPreview, error) {
	p, err := c.compute.Preview(ctx, definitionOf(&n), people)
	if err != nil {
		return api.ComputedPreview{}, computeError(err)
	}
	out := api.ComputedPreview{Looked: p.Looked, Complete: p.Complete, Size: p.Size, Columns: append([]string{}, p.Columns...), Sample: []api.ComputedPerson{}}
	for _, s := range p.Sample {
		out.Sample = append(out.Sample, api.ComputedPerson(s))
	}
	return out, nil
}

// Templates are definitions that are useful as they are.
func (c computations) Templates(_ context.Context, kind api.ComputedKind) ([]api.Computed, error) {
	var out []api.Computed
	for _, d := range compute.Templates(kindsOf(kind)...) {
		out = append(out, computedOf(&d))
	}
	return out, nil
}

// Values returns the values that most people have of a trait.
func (c computations) Values(ctx context.Context, key, column string, limit int) (api.TraitValues, error) {
	d, err := c.compute.Get(ctx, key, kindsOf(api.TraitKind)...)
	if err != nil {
		return api.TraitValues{}, computeError(err)
	}
	of, err := d.Column(column)
	if err != nil {
		return api.TraitValues{}, computeError(err)
	}
	out := api.TraitValues{Key: of, Values: []api.TraitValue{}}
	sizes, err := c.profiles.Sizes(ctx)
	if err != nil {
		return out, err
	}
	out.People = sizes[of]
	numbers, err := c.profiles.NumbersOf(ctx, of)
	if err != nil {
		return out, err
	}
	if numbers != nil {
		n := api.TraitNumbers(*numbers)
		out.Numbers = &n
	}
	values, different, err := c.profiles.TopValues(ctx, of, limit)
	if err != nil {
		return out, err
	}
	out.Different = different
	for _, v := range values {
		out.Values = append(out.Values, api.TraitValue(v))
	}
	return out, nil
}

// Members returns who is in an audience.
func (c computations) Members(ctx context.Context, key, after string, limit int) (api.AudienceMembers, error) {
	out := api.AudienceMembers{Members: []api.AudienceMember{}}
	if _, err := c.compute.Get(ctx, key, compute.Audience); err != nil {
		return out, computeError(err)
	}
	sizes, err := c.profiles.Sizes(ctx)
	if err != nil {
		return out, err
	}
	out.Total = sizes[key]
	some, err := c.profiles.WithKey(ctx, key, after, limit)
	if err != nil {
		return out, err
	}
	for _, v := range some {
		out.Members = append(out.Members, api.AudienceMember{Person: v.Person, Since: v.Since})
	}
	if len(some) == limit {
		out.Next = &some[limit-1].Person
	}
	return out, nil
}

// peoplePage is how many people are read at a time for an export.
const peoplePage = 500

// People streams everybody who has a value.
func (c computations) People(ctx context.Context, kind api.ComputedKind, key, column string, traits []string) iter.Seq2[*api.ComputedMember, error] {
	return func(yield func(*api.ComputedMember, error) bool) {
		d, err := c.compute.Get(ctx, key, kindsOf(kind)...)
		if err == nil {
			column, err = d.Column(column)
		}
		if err != nil {
			yield(nil, computeError(err))
			return
		}
		for after := ""; ; {
			some, err := c.profiles.WithKey(ctx, column, after, peoplePage)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, v := range some {
				has, err := c.traitsOf(ctx, v.Person, traits)
				if !yield(&api.ComputedMember{Person: v.Person, Value: v.Value, Since: v.Since, Traits: has}, err) || err != nil {
					return
				}
			}
			if len(some) < peoplePage {
				return
			}
			after = some[len(some)-1].Person
		}
	}
}

// traitsOf returns the values that a person has of some traits, in their order.
func (c computations) traitsOf(ctx context.Context, person string, names []string) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(names))
	if len(names) == 0 {
		return out, nil
	}
	one, err := c.together.Person(ctx, person)
	if errors.Is(err, profile.ErrNotFound) {
		return out, nil // its id is blocked by now
	}
	if err != nil {
		return nil, err
	}
	all, err := one.Traits(ctx)
	for n, name := range names {
		if i := slices.IndexFunc(all, func(t profile.Trait) bool { return t.Name == name }); i >= 0 {
			out[n] = all[i].Value
		}
	}
	return out, err
}

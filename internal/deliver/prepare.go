package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/mapping"
)

// preparer makes what is sent of calls: by insert functions, then by the mapping.
type preparer struct {
	inserter  Inserter // nil: there are no functions
	functions []string
	mapping   *mapping.Mapping // nil: none
}

func (d *Deliver) preparer(spec *destination.Spec, r *Rules) (preparer, error) {
	p := preparer{inserter: d.config.Inserter, functions: r.Functions}
	text := r.Mapping
	if text == nil {
		text = spec.Mapping
	}
	if text == nil {
		return p, nil
	}
	var err error
	p.mapping, err = mapping.Parse(text)
	return p, err
}

// prepared is what became of a call before it is sent: neither a call nor an error if a function dropped it.
type prepared struct {
	call    json.RawMessage
	payload json.RawMessage // nil: there is no mapping
	err     error
}

// prepare runs calls through functions and mapping, each by itself as far as order is concerned.
func (p *preparer) prepare(ctx context.Context, calls []json.RawMessage) []prepared {
	out := make([]prepared, len(calls))
	left := make([]int, len(calls)) // the places of those that go on
	for i := range calls {
		out[i].call, left[i] = calls[i], i
	}
	for _, f := range p.functions {
		left = p.insert(ctx, f, out, left)
	}
	for _, i := range left {
		if p.mapping == nil {
			break
		}
		payload, err := p.mapping.Apply(out[i].call)
		if err != nil {
			out[i] = prepared{err: &destination.Discarded{Code: "mapping", Reason: err.Error()}}
			continue
		}
		out[i].payload = payload
	}
	return out
}

var errNoFunctions = errors.New("there are no functions on this server")

// insert runs one function on the calls that are left, and returns those that are left after it.
func (p *preparer) insert(ctx context.Context, function string, all []prepared, left []int) []int {
	if len(left) == 0 {
		return nil
	}
	if p.inserter == nil {
		for _, i := range left {
			all[i] = prepared{err: errNoFunctions}
		}
		return nil
	}
	calls := make([]json.RawMessage, len(left))
	for n, i := range left {
		calls[n] = all[i].call
	}
	made, errs := p.inserter.Insert(ctx, function, calls)
	var rest []int
	for n, i := range left {
		switch all[i].call = made[n]; {
		case errs[n] != nil:
			all[i] = prepared{err: fmt.Errorf("function %s: %w", function, errs[n])}
		case made[n] != nil:
			rest = append(rest, i)
		}
	}
	return rest
}

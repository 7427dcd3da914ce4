package app

import (
	"context"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/deliver"
)

// TryDestination asks the place of a draft.
func (d destinations) TryDestination(ctx context.Context, t api.DestinationDraft) (api.DestinationTest, error) {
	draft, err := d.draft(ctx, api.DestinationPreview{DestinationDraft: t})
	if err != nil {
		return api.DestinationTest{}, err
	}
	return tested(d.deliver.TestDraft(ctx, t.Destination, draft))
}

// PreviewDestination says what would be sent.
func (d destinations) PreviewDestination(ctx context.Context, p api.DestinationPreview) ([]api.PreviewedCall, error) {
	draft, err := d.draft(ctx, p)
	if err != nil {
		return nil, err
	}
	all, err := d.deliver.Preview(ctx, p.Destination, draft, p.Calls, p.Recent)
	out := make([]api.PreviewedCall, len(all))
	for i, one := range all {
		out[i] = api.PreviewedCall{Call: one.Call, Outcome: one.Outcome, Reason: one.Reason, Out: one.Out, Request: (*api.PreviewedRequest)(one.Request)}
	}
	return out, delivered(err)
}

// draft puts what is given before what is kept of the destination, if there is one.
func (d destinations) draft(ctx context.Context, p api.DestinationPreview) (deliver.Draft, error) {
	var now api.Destination
	if p.Destination != "" {
		var err error
		if now, err = d.Destination(ctx, p.Destination); err != nil {
			return deliver.Draft{}, err
		}
	}
	change(&now.Settings, p.Settings)
	change(&now.Filter, p.Filter)
	change(&now.Functions, p.Functions)
	if p.Mapping != nil {
		now.Mapping = p.Mapping
	}
	rules, err := rulesOf(now.DestinationRules)
	return deliver.Draft{Name: now.Name, Kind: p.Kind, Settings: now.Settings, Rules: rules}, err
}

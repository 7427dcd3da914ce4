package metric

import "github.com/debrief-dev/debrief/internal/query"

// cost defines cost: what model calls cost, in US dollars.
func cost() Metric {
	return Metric{
		Name:        "cost",
		Title:       "Cost",
		Description: "What model calls cost, in US dollars.",
		Definition:  "Sum of the costs of model calls: as the source reported them, else computed from tokens and the price table (cost_source). Coverage is the share of model calls that have a cost.",
		Unit:        USD,
		Better:      Down,
		Grain:       query.Events,
		Rows:        ofModels(),
		Value:       query.Measure{Op: query.Sum, Field: "cost_usd"},
		Of:          new(count()),
		CoverageOf:  "model calls that have a cost",
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "cost_source"),
	}
}

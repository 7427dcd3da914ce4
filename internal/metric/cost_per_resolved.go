package metric

import "github.com/debrief-dev/debrief/internal/query"

// costPerResolved defines cost_per_resolved: what a conversation that ends well costs, the others included.
func costPerResolved() Metric {
	known := query.AllOf(judged(), has("cost_usd"))
	return Metric{
		Name:        "cost_per_resolved",
		Title:       "Cost per resolved conversation",
		Description: "What a conversation that ends well costs, those that do not included.",
		Definition:  "Sum of the costs of all model calls, in US dollars, divided by conversations that are resolved or converted; over conversations whose cost and outcome are known and that are no longer open.",
		Unit:        USD,
		Better:      Down,
		Grain:       query.Conversations,
		Rows:        known,
		Value:       query.Measure{Op: query.Sum, Field: "cost_usd"},
		Per:         &query.Measure{Op: query.Count, Where: endedWell()},
		Conversion:  true,
		Dimensions:  conversationDimensions("model"),
	}
}

package metric

import "github.com/debrief-dev/debrief/internal/query"

// components defines components: which components answers bring.
func components() Metric {
	return Metric{
		Name:        "components",
		Title:       "Components",
		Description: "Which components answers bring.",
		Definition:  "Components loaded in conversations, by artifact_type.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("artifact", "component_shown"),
		Value:       count(),
		Dimensions:  eventDimensions("artifact_type"),
	}
}

package metric

import "github.com/debrief-dev/debrief/internal/query"

// media defines media: which media the copilot makes.
func media() Metric {
	return Metric{
		Name:        "media",
		Title:       "Media",
		Description: "Which media the copilot makes.",
		Definition:  "Media generated in conversations, by artifact_type and artifact_subtype.",
		Unit:        Number,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("artifact", "media_generated"),
		Value:       count(),
		Dimensions:  eventDimensions("artifact_type", "artifact_subtype"),
	}
}

package metric

import "github.com/debrief-dev/debrief/internal/query"

// permissionAnswers defines permission_answers: how often people were asked and answered whether a tool may act.
func permissionAnswers() Metric {
	return Metric{
		Name:        "permission_answers",
		Title:       "Permission answers",
		Description: "How often people answered whether a tool may act.",
		Definition:  "Answers to requests for permission, by permission_answer: allow_once, allow_always, deny_once, deny_always.",
		Unit:        Number,
		Better:      Neither,
		Grain:       query.Events,
		Rows:        kind("tool", "permission_answered"),
		Value:       count(),
		Dimensions:  eventDimensions("permission_answer", "tool_name", "permission_type"),
	}
}

package metric

import "github.com/debrief-dev/debrief/internal/query"

// permissionAllowedRate defines permission_allowed_rate: how often people let a tool act when asked.
func permissionAllowedRate() Metric {
	return Metric{
		Name:        "permission_allowed_rate",
		Title:       "Permission allowed",
		Description: "How often people let a tool act when they are asked.",
		Definition:  "Permission answers that allow (allow_once, allow_always) divided by those that allow or deny. Coverage is the share of answers that are one of these.",
		Unit:        Ratio,
		Better:      Up,
		Grain:       query.Events,
		Rows:        kind("tool", "permission_answered"),
		Value:       query.Measure{Op: query.Count, Where: query.Is("permission_answer", query.Eq, "allow_once", "allow_always")},
		Per:         &query.Measure{Op: query.Count, Where: query.Is("permission_answer", query.Eq, "allow_once", "allow_always", "deny_once", "deny_always")},
		Of:          new(count()),
		CoverageOf:  "answers that allow or deny",
		Dimensions:  eventDimensions("tool_name", "permission_type"),
	}
}

package metric

import "github.com/debrief-dev/debrief/internal/query"

// timeToFirstToken defines time_to_first_token: how long users wait until an answer begins.
func timeToFirstToken() Metric {
	return Metric{
		Name:        "time_to_first_token",
		Title:       "Time to first token",
		Description: "How long users wait until an answer begins.",
		Definition:  "From the request to the first token (ttft_ms), over model calls that say it and events that the first token came (generation/first_token). A source says it in one of the two, so no call counts twice.",
		Unit:        Millis,
		Better:      Down,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("generation"), has("ttft_ms"), &query.Filter{Or: []*query.Filter{isTrue("counts_usage"), query.Is("action", query.Eq, "first_token")}}),
		Value:       query.Measure{Field: "ttft_ms"},
		Stats:       distribution(),
		Dimensions:  eventDimensions("response_model", "provider", "agent_name", "operation", "finish_reason", "error_type"),
	}
}

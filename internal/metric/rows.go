package metric

import "github.com/debrief-dev/debrief/internal/query"

// Filters that several metrics share. Functions, since filters are pointers and a metric owns its own.

func tracked() *query.Filter { return query.Is("tracked", query.Eq, "true") }

func kind(k string, actions ...string) *query.Filter {
	f := query.Is("kind", query.Eq, k)
	if len(actions) == 0 {
		return f
	}
	return query.AllOf(f, query.Is("action", query.Eq, actions...))
}

// ofModels are the calls of models, those of some actions or all, each once: see event.Event.ModelCall.
func ofModels(actions ...string) *query.Filter {
	f := query.AllOf(kind("generation", actions...), isTrue("counts_usage"))
	if len(actions) > 0 {
		return f
	}
	return query.AllOf(f, not(query.Is("action", query.Eq, "first_token")))
}

func isTrue(field string) *query.Filter { return query.Is(field, query.Eq, "true") }

func has(field string) *query.Filter { return query.Is(field, query.Exists) }

func not(f *query.Filter) *query.Filter { return &query.Filter{Not: f} }

// withMessages are the conversations that have a message: averages of messages and the like are over
// these (ground truth counts the same).
func withMessages() *query.Filter { return query.Is("messages", query.Greater, "0") }

func count() query.Measure { return query.Measure{Op: query.Count} }

// eventDimensions and conversationDimensions are the breakdowns that fit any metric of the grain.
func eventDimensions(first ...string) []string {
	return append(first, "source", "agent_id", "channel", "mode", "locale", "hour_of_day", "weekday")
}

func conversationDimensions(first ...string) []string {
	return append(first, "outcome", "topic", "signal", "source", "agent_id", "channel", "mode", "locale", "language", "hour_of_day", "weekday", "tool_name", "artifact_type")
}

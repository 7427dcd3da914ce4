package posthog

import (
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// placed are the fields that all events share.
func placed(more ...string) []string {
	return append([]string{"$ai_trace_id → trace_id", "conversation_id, $ai_session_id → conversation_id"}, more...)
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	required := []string{"$ai_trace_id"}
	said := slices.Clip(placed("$ai_span_id → span_id (without: the event id)", "$ai_parent_id → parent_span_id (without: the trace id)",
		"$ai_latency → latency_ms (from seconds; the row stands at the start)", "$ai_model → response_model", "$ai_provider → provider",
		"$ai_input → parts (what is new in it)", "$ai_output_choices → parts", "$ai_input_tokens → input_tokens (with cached ones)",
		"$ai_output_tokens → output_tokens", "$ai_cache_read_input_tokens → cache_read_tokens", "$ai_cache_creation_input_tokens → cache_write_tokens",
		"$ai_reasoning_tokens → reasoning_tokens", "$ai_total_cost_usd → cost_usd", "$ai_stop_reason → finish_reason",
		"$ai_time_to_first_token → ttft_ms (from seconds)", "$ai_completion_id → message_id", "$ai_stream → streamed",
		"$ai_error → error_type", "$ai_error → error_message", "counts_usage = true"))
	whole := placed("$ai_span_id → span_id (without: the trace id)", "$ai_span_name, $ai_trace_name → agent_name", "$ai_input_state → parts", "$ai_output_state → parts",
		"operation = agent", "counts_usage = false")
	return []vocab.EventDoc{
		{Name: generation, Kind: event.KindGeneration, Action: "completed", When: "no error", Fields: append(said, "operation = chat"), Required: required},
		{Name: generation, Kind: event.KindGeneration, Action: "failed", When: "$ai_is_error, $ai_error, or $ai_http_status from 400", Fields: append(said, "operation = chat"), Required: required},
		{Name: embedding, Kind: event.KindGeneration, Action: "completed", Fields: append(said, "operation = embedding"), Required: required, Why: "failed as $ai_generation"},
		{Name: traced, Kind: event.KindGeneration, Action: "completed", Fields: whole, Required: required, Why: "its tokens are those of its parts; messages come of it when its parts gave none"},
		{Name: span, Kind: event.KindTool, Action: "called", When: "no $ai_model", Required: required,
			Fields: placed("$ai_span_name → tool_name", "$ai_input_state → tool_args", "$ai_output_state → tool_result", "$ai_latency → latency_ms", "tool_ok = true (false with an error)")},
		{Name: span, Kind: event.KindGeneration, Action: "completed", When: "$ai_model", Fields: placed("operation = span", "counts_usage = false"), Required: required},
		{Name: metric, Kind: event.KindFeedback, Action: "evaluated", Required: append(required, "$ai_metric_name", "$ai_metric_value"),
			Fields: placed("$ai_metric_name → feedback_name", "$ai_metric_value → rating_raw (a number)", "$ai_metric_value → label (else)", "rater = evaluator"),
			Why:    "its scale is the maker's own, so there is no score"},
		{Name: feedback, Kind: event.KindFeedback, Action: "commented", Fields: placed("$ai_feedback_text → comment", "rater = user"), Required: append(required, "$ai_feedback_text")},
		{Name: evaluation, Kind: event.KindFeedback, Action: "evaluated", Dimension: "answer", Weight: new(0.0), Why: "a machine's verdict weighs nothing unless a workspace says so",
			Fields: placed("$ai_evaluation_name → feedback_name", "$ai_evaluation_result → rating_raw", "$ai_evaluation_result → score (true 1, false 0)", "$ai_evaluation_reasoning → comment", "$ai_sentiment_label → label", "rater = evaluator")},
		{Name: surveySent, Kind: event.KindFeedback, Action: "rated", When: "$ai_trace_id, and the answer is a rating", Dimension: "answer", Weights: "2·score−1",
			Fields: placed("$survey_response → rating_raw", "$survey_name → feedback_name", "rater = user"), Required: required},
		{Name: surveySent, Kind: event.KindFeedback, Action: "commented", When: "$ai_trace_id, and the answer is a text", Fields: placed("$survey_response → comment"), Required: required},
	}
}

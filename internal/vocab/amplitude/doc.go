package amplitude

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// fields are those of an event, without their prefix, behind what all events share.
func fields(more ...string) []string {
	out := []string{prefix + "Session ID → conversation_id", prefix + "Trace ID → trace_id", prefix + "Turn ID → turn_id", prefix + "Agent ID → agent_id"}
	for _, f := range more {
		out = append(out, prefix+f)
	}
	return out
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	required := []string{prefix + "Session ID"}
	model := fields("Model Name → response_model", "Provider → provider", "Latency Ms → latency_ms", "TTFB Ms → ttft_ms", "Input Tokens → input_tokens",
		"Output Tokens → output_tokens", "Cache Read Tokens → cache_read_tokens", "Cache Creation Tokens → cache_write_tokens",
		"Reasoning Tokens → reasoning_tokens", "Cost USD → cost_usd", "Finish Reason → finish_reason", "Error Type → error_type", "Error Message → error_message")
	rated := fields("Score Name → feedback_name", "Score Value → rating_raw", "Score Label → label", "Comment → comment", "Target ID → message_id (by Target Type)", "Evaluation Source → rater")
	doc := func(name string, kind event.Kind, action, when string, fields []string) vocab.EventDoc {
		return vocab.EventDoc{Name: prefix + name, Kind: kind, Action: action, When: when, Fields: fields, Required: required}
	}
	signal := func(d vocab.EventDoc, dimension, weights, why string) vocab.EventDoc {
		d.Dimension, d.Weights, d.Why = dimension, weights, why
		return d
	}
	return []vocab.EventDoc{
		signal(doc(userMessage, event.KindMessage, "sent", "", append(fields("Message ID → message_id", "Edited Message ID → parent_id"), textKey+" → body (its text)")),
			"answer", "Is Regeneration −0.5, Is Edit −0.3", "asked again for the same thing"),
		{Name: prefix + userMessage, Kind: event.KindProduct, Action: "traced", When: "Message Source is agent", Fields: fields("Message ID → message_id"), Why: "an agent asks another; no user's message"},
		signal(doc(aiResponse, event.KindMessage, "received", "a text, or no error", append(fields("Message ID → message_id"), textKey+" → body (its text)")), "answer", "Was Copied +0.4", ""),
		doc(aiResponse, event.KindGeneration, "completed", "beside the message", model),
		doc(aiResponse, event.KindGeneration, "failed", "Is Error; without a text there is no message", model),
		signal(doc(toolCall, event.KindTool, "called", "", fields("Tool Name → tool_name", "Tool Type → tool_type", "Invocation ID → tool_call_id", "Tool Input → tool_args",
			"Tool Output → tool_result", "Tool Success → tool_ok", "Latency Ms → latency_ms", "Parent Message ID → parent_id")), "tool", "failed −0.3", "a failed tool is a cause, not yet an outcome"),
		doc(span, event.KindGeneration, "completed", "", fields("Latency Ms → latency_ms", "Span ID")),
		doc(embedding, event.KindGeneration, "completed", "", model),
		signal(doc(sessionEnd, event.KindConversation, "ended", "", fields("Abandonment Turn → turn_index")), "answer", "Abandonment Turn 1 −0.4", "left after the first turn"),
		signal(doc(score, event.KindFeedback, "rated", "Evaluation Source is user, or absent", rated), "answer", "2·score−1", ""),
		signal(doc(score, event.KindFeedback, "evaluated", "Evaluation Source is ai or reviewer", rated), "answer", "2·score−1", ""),
		signal(doc(enrichment, event.KindFeedback, "evaluated", "", fields("Quality Score → rating_raw", "Task Failure Reason → comment")), "answer", "2·score−1", ""),
		signal(doc(evaluator, event.KindFeedback, "evaluated", "", rated), "answer", "2·score−1", ""),
	}
}

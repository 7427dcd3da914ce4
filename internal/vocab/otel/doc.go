package otel

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// says is an entry of what is mapped: all names of a field, and its column.
func says(f field, column string) string { return strings.Join(names(f), ", ") + " → " + column }

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	model := []string{
		says(fieldOperation, "operation"), says(fieldProvider, "provider"), says(fieldRequestModel, "request_model"), says(fieldResponseModel, "response_model"),
		says(fieldResponseID, "message_id"), says(fieldFinish, "finish_reason (in one spelling)"),
		says(fieldInput, "input_tokens (with cached ones)"), says(fieldOutput, "output_tokens"), says(fieldCacheRead, "cache_read_tokens"),
		says(fieldCacheWrite, "cache_write_tokens"), says(fieldReasoning, "reasoning_tokens"), says(fieldCost, "cost_usd"),
		says(fieldFirstSeconds, "ttft_ms (from seconds)"), says(fieldFirstMillis, "ttft_ms"), says(fieldStream, "streamed"),
		says(fieldConversation, "conversation_id"), says(fieldUser, "user_id"), says(fieldSession, "session_id"), says(fieldAnonymous, "anonymous_id"),
		says(fieldAgentID, "agent_id"), says(fieldAgentName, "agent_name"), says(fieldAgentVersion, "agent_version"), "messages → parts (what is new in them)",
	}
	tool := []string{
		says(fieldToolName, "tool_name"), says(fieldToolType, "tool_type"), says(fieldToolCallID, "tool_call_id"),
		says(fieldToolArgs, "tool_args"), says(fieldToolResult, "tool_result"), says(fieldErrorType, "error_type"), "actor = agent",
	}
	lookup := []string{says(fieldSource, "tool_name"), says(fieldQuery, "tool_args"), says(fieldDocuments, "tool_result")}
	failed := []string{says(fieldErrorType, "error_type"), says(fieldErrorMessage, "error_message")}
	const calls = "chat, text_completion, generate_content, embeddings"
	const runs = "invoke_agent, create_agent, invoke_workflow, plan, agent_step"
	return []vocab.EventDoc{
		{Name: "span", Subtype: calls, Kind: event.KindGeneration, Action: "completed", Fields: append(model, "counts_usage = true")},
		{Name: "span", Subtype: calls + ", " + runs, Kind: event.KindGeneration, Action: "failed", When: "status Error, error.type, or an exception and nothing else", Fields: failed,
			Dimension: "answer", Weights: "−0.6 with an exception", Why: "there was no answer"},
		{Name: "span", Subtype: runs, Kind: event.KindGeneration, Action: "completed", Fields: append(model[:len(model):len(model)], "counts_usage = false"),
			Why: "its tokens repeat those of the calls inside; the outermost span that carries messages is the turn"},
		{Name: "span", Subtype: "execute_tool", Kind: event.KindTool, Action: "called", Fields: tool, Required: []string{"gen_ai.tool.name"},
			Dimension: "tool", Weights: "failed −0.3", Why: "a failed tool is a cause, not yet an outcome"},
		{Name: "span", Subtype: "retrieval", Kind: event.KindTool, Action: "called", Fields: append(lookup, "tool_type = retrieval")},
		{Name: "span", Subtype: "…_memory, …_memory_store", Kind: event.KindTool, Action: "called", Fields: append(lookup[:len(lookup):len(lookup)], "tool_type = memory")},
		{Name: "log", Subtype: evaluation, Kind: event.KindFeedback, Action: "evaluated", Required: []string{"gen_ai.evaluation.name"},
			Fields: []string{says(fieldEvaluation, "feedback_name"), says(fieldScore, "rating_raw"), says(fieldLabel, "label"), says(fieldExplanation, "comment"),
				says(fieldResponseID, "message_id"), "rater = evaluator"},
			Dimension: "answer", Weights: "0; 2·score−1 where a plan or the source says the scale", Why: "scales are the evaluator's own; also as an event of a span"},
		{Name: "log", Subtype: details, Kind: event.KindGeneration, Action: "completed", When: "alone", Fields: model, Why: "with its span it becomes product/traced, and the span takes what it lacks"},
		{Name: "log", Subtype: "gen_ai.system.message, gen_ai.user.message, gen_ai.assistant.message, gen_ai.tool.message, gen_ai.choice", Kind: event.KindProduct, Action: "traced",
			Fields: []string{"body → parts"}, Why: "messages come of it together with its span"},
		{Name: "log", Subtype: exception, Kind: event.KindGeneration, Action: "failed", When: "alone", Fields: failed, Dimension: "answer", Weight: new(-0.6), Why: "with its span as above"},
		{Name: "metrics", Why: "answered with partial success, and not stored"},
		{Name: "any other span or log", Kind: event.KindProduct, Action: "traced", Why: "it links the spans of a trace"},
	}
}

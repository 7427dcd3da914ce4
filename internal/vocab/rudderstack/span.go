package rudderstack

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// spanned maps a span of OpenTelemetry that came as an event. Its tokens are in the totals of the answer,
// so it never counts usage; messages are events of their own, and none are to be derived from spans, whose
// ids stay properties.
func spanned(c *vocab.Call) {
	e := c.Row
	if e.TraceID = c.TakeText("trace_id"); e.TraceID == "" {
		c.Violation("missing_trace_id")
	}
	e.LatencyMS = c.TakeMillis(1, "duration_ms", "latency_ms")
	switch operation := c.TakeText("gen_ai.operation.name", "operation_name", "operation"); operation {
	case "execute_tool":
		c.Row.Operation = operation
		tool(c)
		return
	case "":
		e.Kind, e.Action = event.KindProduct, "traced"
		return
	default:
		e.Operation = operation
	}
	e.Kind, e.Action, e.Actor = event.KindGeneration, "completed", event.RoleAgent
	e.Provider = c.TakeText("gen_ai.provider.name", "gen_ai.system", "provider")
	e.RequestModel = c.TakeText("gen_ai.request.model")
	e.ResponseModel = c.TakeText("gen_ai.response.model", "model_used", "model")
	e.InputTokens = c.TakeCount("gen_ai.usage.input_tokens", "input_tokens")
	e.OutputTokens = c.TakeCount("gen_ai.usage.output_tokens", "output_tokens")
	if wentWrong(c) {
		e.Action = "failed"
	}
}

// called maps an event of an MCP server about one of its tools.
func called(c *vocab.Call) {
	e := c.Row
	e.TraceID = c.TakeText("trace_id")
	e.LatencyMS = c.TakeMillis(1, "duration_ms", "latency_ms")
	tool(c)
	if e.ToolType == "" {
		e.ToolType = "mcp"
	}
}

func tool(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Actor = event.KindTool, "called", event.RoleAgent
	e.ToolName = c.TakeText("gen_ai.tool.name", "tool_name", "tool", "name")
	e.ToolType = c.TakeText("gen_ai.tool.type", "tool_type")
	e.ToolCallID = c.TakeText("gen_ai.tool.call.id", "tool_call_id")
	e.ToolArgs = c.TakeJSON("gen_ai.tool.call.arguments", "arguments")
	e.ToolResult = c.TakeJSON("gen_ai.tool.call.result", "result")
	e.ToolOK = c.TakeBool("success")
	if wentWrong(c) {
		e.ToolOK = new(false)
	}
}

// wentWrong maps an error, and reports whether there was one.
func wentWrong(c *vocab.Call) bool {
	e := c.Row
	e.ErrorType = c.TakeText("error.type", "error_type")
	e.ErrorMessage = c.TakeText("error_message")
	status, _ := c.Property("status").Text()
	return e.ErrorType != "" || failed(strings.TrimPrefix(strings.ToLower(status), "status_code_"))
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	required := []string{"conversation_id"}
	fields := func(more ...string) []string {
		return append([]string{"conversation_id → conversation_id", "interaction_id → turn_id"}, more...)
	}
	totals := fields("model_used, model → response_model", "latency_ms → latency_ms", "input_tokens, prompt_tokens → input_tokens", "output_tokens, completion_tokens → output_tokens",
		"cost_usd → cost_usd", "token_count (stays a property: it does not say of which kind)", "counts_usage = true")
	spanFields := []string{"trace_id → trace_id", "span_id", "duration_ms, latency_ms → latency_ms"}
	docs := []vocab.EventDoc{
		{Name: prompt, Kind: event.KindMessage, Action: "sent", Fields: fields("prompt_text → body", "input_method", "role = user"), Required: required},
		{Name: response, Kind: event.KindMessage, Action: "received", Fields: fields("response_text → body", "role = agent"), Required: required, Why: "also under its former name " + oldResponse},
		{Name: response, Kind: event.KindGeneration, Action: "completed", When: "beside the message", Fields: totals, Required: required, Why: "one row for all calls of models that the answer took"},
		{Name: response, Kind: event.KindGeneration, Action: "failed", When: "beside the message, response_status tells of a failure", Fields: totals, Required: required},
		{Name: action, Kind: event.KindProduct, Action: "tracked", When: "action is none of these", Fields: fields("action"), Required: append(required, "action")},
		{Name: action, Kind: event.KindFeedback, Action: "rated", When: "action is a thumb, liked, disliked", Fields: fields("action → rating_raw", "rater = user"), Required: required, Dimension: "answer", Weights: "up +1, down −1"},
		{Name: span, Kind: event.KindGeneration, Action: "completed", When: "an operation", Required: []string{"trace_id"}, Fields: append(spanFields, "gen_ai.operation.name, operation_name, operation → operation", "counts_usage = false"), Why: "the totals of the answer have its tokens"},
		{Name: span, Kind: event.KindTool, Action: "called", When: "execute_tool", Required: []string{"trace_id"}, Fields: append(spanFields, "gen_ai.tool.name, tool_name → tool_name")},
		{Name: span, Kind: event.KindProduct, Action: "traced", When: "no operation", Required: []string{"trace_id"}, Fields: spanFields},
		{Name: mcp + "*tool*", Kind: event.KindTool, Action: "called", Fields: []string{"tool_name, tool, name → tool_name", "arguments → tool_args", "result → tool_result", "success → tool_ok"}, Why: "other events of MCP servers are product/tracked"},
	}
	for _, a := range []struct {
		when, action string
		kind         event.Kind
		weight       float64
	}{
		{"action is copied", "copied", event.KindInteraction, 0.4}, {"action is regenerated or retried", "regenerated", event.KindInteraction, -0.5},
		{"action is edited", "edited", event.KindInteraction, -0.3}, {"action is stopped or cancelled", "cancelled", event.KindGeneration, -0.5},
	} {
		docs = append(docs, vocab.EventDoc{Name: action, Kind: a.kind, Action: a.action, When: a.when, Fields: fields("action"), Required: append(required, "action"), Dimension: "answer", Weight: new(a.weight)})
	}
	return docs
}

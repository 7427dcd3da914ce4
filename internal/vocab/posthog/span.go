package posthog

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// modelCall maps one call of a model.
func modelCall(c *vocab.Call, operation string) {
	e := c.Row
	e.Kind, e.Action, e.Actor, e.Operation, e.CountsUsage = event.KindGeneration, "completed", event.RoleAgent, operation, true
	under(c)
	ran(c)
	e.Provider = c.TakeText("$ai_provider")
	e.ResponseModel = c.TakeText("$ai_model")
	e.MessageID = c.TakeText("$ai_completion_id")
	e.Streamed = c.TakeBool("$ai_stream")
	e.TTFTMS = c.TakeMillis(1e3, "$ai_time_to_first_token")
	tokens(c)
	cost(c)
	failed(c)
	said := content(c, "$ai_input", "$ai_output_choices")
	stopped(c, said)
}

// wholeTrace maps the event of a trace as a whole. Without a span id its id is that of the trace, as its
// parts name the trace for their parent.
func wholeTrace(c *vocab.Call) {
	e := c.Row
	e.Kind, e.Action, e.Actor, e.Operation = event.KindGeneration, "completed", event.RoleAgent, "agent"
	if e.SpanID == "" {
		e.SpanID = e.TraceID
	}
	ran(c)
	e.AgentName = c.TakeText("$ai_span_name", "$ai_trace_name")
	e.Provider = c.TakeText("$ai_provider")
	e.ResponseModel = c.TakeText("$ai_model")
	tokens(c)
	cost(c)
	failed(c)
	content(c, "$ai_input_state", "$ai_output_state")
}

// step maps a span: a tool, unless a model is named. The trace's own list of tools is not at hand here.
func step(c *vocab.Call) {
	e := c.Row
	under(c)
	ran(c)
	e.Actor = event.RoleAgent
	if model := c.TakeText("$ai_model"); model != "" {
		e.Kind, e.Action, e.Operation, e.ResponseModel = event.KindGeneration, "completed", "span", model
		e.Provider = c.TakeText("$ai_provider")
		tokens(c)
		cost(c)
		failed(c)
		content(c, "$ai_input_state", "$ai_output_state")
		return
	}
	e.Kind, e.Action = event.KindTool, "called"
	e.ToolName = c.TakeText("$ai_span_name")
	e.ToolArgs = c.TakeJSON("$ai_input_state")
	e.ToolResult = c.TakeJSON("$ai_output_state")
	e.ToolOK = new(!failed(c))
}

// under gives a part of a trace its span id and parent: without one, the trace itself.
func under(c *vocab.Call) {
	e := c.Row
	if e.SpanID == "" {
		c.NewSpanID()
	}
	if e.ParentSpanID == "" {
		e.ParentSpanID = e.TraceID
	}
}

// ran maps the duration. PostHog's libraries send an event when its work is done, and rows of a trace
// stand at its start, by either clock.
func ran(c *vocab.Call) {
	e := c.Row
	e.LatencyMS = c.TakeMillis(1e3, "$ai_latency")
	e.OccurredAt = vocab.Begun(e.OccurredAt, e.LatencyMS)
	if !e.OriginalAt.IsZero() {
		e.OriginalAt = vocab.Begun(e.OriginalAt, e.LatencyMS)
	}
}

// tokens maps what was used. Where cached tokens are reported apart they are added, as the row's input
// includes them; the number sent stays a property then.
func tokens(c *vocab.Call) {
	const exclusive, input = "$ai_cache_reporting_exclusive", "$ai_input_tokens"
	e := c.Row
	e.OutputTokens = c.TakeCount("$ai_output_tokens")
	e.CacheReadTokens = c.TakeCount("$ai_cache_read_input_tokens")
	e.CacheWriteTokens = c.TakeCount("$ai_cache_creation_input_tokens")
	e.ReasoningTokens = c.TakeCount("$ai_reasoning_tokens")
	cached := or(e.CacheReadTokens) + or(e.CacheWriteTokens)
	said, _ := c.Property(exclusive).Text()
	sent := c.Property(input)
	if said != "true" || cached == 0 || !sent.IsNumber() {
		e.InputTokens = c.TakeCount(input)
		return
	}
	text, _ := sent.Text()
	if n, err := strconv.ParseInt(text, 10, 53); err == nil && n >= 0 {
		e.InputTokens = new(n + cached)
	} else {
		c.Violation("invalid_number")
	}
}

func or(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// cost maps what the call cost: the total, else what its parts add up to.
func cost(c *vocab.Call) {
	e := c.Row
	e.CostUSD = c.TakeNumber("invalid_amount", "$ai_total_cost_usd")
	if e.CostUSD == nil {
		for _, key := range [...]string{"$ai_input_cost_usd", "$ai_output_cost_usd"} {
			text, _ := c.Property(key).Text()
			if n, ok := vocab.ParseNumber(text); ok {
				e.CostUSD = new(n + orZero(e.CostUSD))
			}
		}
	}
	if e.CostUSD != nil {
		e.CostSource = "reported"
	}
}

func orZero(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}

// content keeps what was said, history left out. The states of traces and spans are the messages only if
// no generation of the trace tells them.
func content(c *vocab.Call, in, out string) trace.Content {
	e := c.Row
	said := trace.Content{Root: c.Name == traced || e.ParentSpanID == "" || e.ParentSpanID == e.TraceID, Fallback: out == "$ai_output_state"}
	if v := c.Property(in); !v.Absent() {
		if said.Input = trace.ParseInput([]byte(v.JSON())); said.Input != nil {
			c.Take(in)
		}
	}
	if v := c.Property(out); !v.Absent() {
		if said.Output = trace.ParseOutput([]byte(v.JSON())); said.Output != nil {
			c.Take(out)
		}
	}
	e.Parts = said.JSON()
	return said
}

// stopped maps why the model stopped: as the call says, else as its last message does.
func stopped(c *vocab.Call, said trace.Content) {
	const key = "$ai_stop_reason"
	e := c.Row
	word, sent := c.Property(key).Text()
	if word == "" && len(said.Output) > 0 {
		word = said.Output[len(said.Output)-1].FinishReason
	}
	if e.FinishReason = vocab.FinishReason(word); sent && e.FinishReason == word {
		c.Take(key)
	}
}

// failed maps an error, if the event tells of one, and reports whether it does.
func failed(c *vocab.Call) bool {
	const key = "$ai_error"
	e := c.Row
	status, _ := c.Property("$ai_http_status").Text()
	code, _ := strconv.Atoi(status)
	said, _ := c.Property("$ai_is_error").Text()
	v := c.Property(key)
	text, scalar := v.Text()
	present := !v.Absent() && strings.TrimSpace(text) != "" && !v.IsBool() || v.IsObject()
	if said == "false" || said != "true" && code < 400 && !present {
		return false
	}
	if e.Kind == event.KindGeneration {
		e.Action = "failed"
	}
	if v.IsObject() {
		text = v.JSON()
	}
	var known bool
	if e.ErrorType, e.ErrorMessage, known = errorOf(text); !known && scalar {
		e.ErrorMessage = c.TakeText(key)
	}
	if e.ErrorType == "" && code >= 400 {
		e.ErrorType = status
	}
	return true
}

// errorOf reads an error as the libraries write one: an object with a name and a message, sometimes
// around another.
func errorOf(text string) (kind, message string, ok bool) {
	var told map[string]any
	if json.Unmarshal([]byte(text), &told) != nil {
		return "", "", false
	}
	word := func(keys ...string) string {
		for _, key := range keys {
			if s, ok := told[key].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	kind, message = word("name", "error_type"), word("message", "error_message", "error")
	if kind == "" || kind == "Error" { // JavaScript's name for any
		kind = cmp.Or(word("code", "type"), kind)
	}
	if inner, ok := told["error"].(map[string]any); ok {
		told = inner
		if kind == "" || kind == "Error" {
			kind = cmp.Or(word("code", "type", "name"), kind)
		}
		if message == "" {
			message = word("message")
		}
	}
	return kind, message, kind != "" || message != ""
}

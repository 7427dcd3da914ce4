package langfuse

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// observed maps a trace or an observation to a row of the trace. A later update of one is a row of its own
// with the same span id; the rows of a span are joined when the trace is derived.
func observed(c *vocab.Call) {
	e := c.Row
	if c.Name == traced {
		e.TraceID = cmp.Or(c.TakeText("id"), e.TraceID)
		e.SpanID = e.TraceID
		e.AgentName = c.TakeText("name")
		run(c, "agent", false)
		return
	}
	e.SpanID = c.TakeText("id")
	if e.SpanID == "" {
		c.NewSpanID()
	}
	if e.TraceID == "" {
		c.Violation("missing_trace_id")
	}
	e.ParentSpanID = cmp.Or(c.TakeText("parentObservationId"), e.TraceID)
	switch kindOf(c) {
	case "generation":
		run(c, "chat", true)
	case "embedding":
		run(c, "embedding", true)
	case "agent":
		run(c, "agent", false)
	case "tool":
		tool(c, "")
	case "retriever":
		tool(c, "retrieval")
	case "event":
		e.Kind, e.Action = event.KindProduct, "traced"
	default: // span, chain, evaluator, guardrail
		run(c, "span", false)
	}
}

// kindOf is the type of an observation: in the item's name, or in its body for items that do not say.
func kindOf(c *vocab.Call) string {
	kind, _, _ := strings.Cut(c.Name, "-")
	if kind == "observation" {
		kind, _ = c.Property("type").Text()
	}
	return strings.ToLower(kind)
}

// run maps a call of a model or a run around some.
func run(c *vocab.Call, operation string, counts bool) {
	e := c.Row
	e.Kind, e.Action, e.Actor, e.Operation, e.CountsUsage = event.KindGeneration, "completed", event.RoleAgent, operation, counts
	e.ResponseModel = c.TakeText("model")
	e.LatencyMS = between(c, "startTime", "endTime")
	e.TTFTMS = between(c, "startTime", "completionStartTime")
	usage(c)
	if failed(c) {
		e.Action = "failed"
	}
	said := trace.Content{Root: c.Name == traced || e.ParentSpanID == e.TraceID}
	if v := c.Property("input"); !v.Absent() {
		if said.Input = trace.ParseInput([]byte(v.JSON())); said.Input != nil {
			c.Take("input")
		}
	}
	if v := c.Property("output"); !v.Absent() {
		if said.Output = trace.ParseOutput([]byte(v.JSON())); said.Output != nil {
			c.Take("output")
		}
	}
	e.Parts = said.JSON()
	if n := len(said.Output); n > 0 {
		e.FinishReason = vocab.FinishReason(said.Output[n-1].FinishReason)
	}
}

func tool(c *vocab.Call, kind string) {
	e := c.Row
	e.Kind, e.Action, e.Actor, e.ToolType = event.KindTool, "called", event.RoleAgent, kind
	e.ToolName = c.TakeText("name")
	e.ToolArgs, e.ToolResult = c.TakeJSON("input"), c.TakeJSON("output")
	e.LatencyMS = between(c, "startTime", "endTime")
	e.ToolOK = new(!failed(c))
}

// failed maps the message of an error, and reports whether there was one.
func failed(c *vocab.Call) bool {
	if level, _ := c.Property("level").Text(); !strings.EqualFold(level, "ERROR") {
		return false
	}
	c.Row.ErrorMessage = c.TakeText("statusMessage")
	return true
}

// between returns the milliseconds between two times that are properties, which stay there.
func between(c *vocab.Call, from, until string) *float64 {
	a, okA := at(c, from)
	b, okB := at(c, until)
	if !okA || !okB || b.Before(a) || b.Sub(a) > 24*time.Hour {
		return nil
	}
	return new(float64(b.Sub(a).Microseconds()) / 1e3)
}

func at(c *vocab.Call, key string) (time.Time, bool) {
	s, _ := c.Property(key).Text()
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// usage maps tokens and cost, which are objects with names of their own and stay properties. Langfuse's
// kinds of tokens exclude each other, and a row's input includes cached ones.
func usage(c *vocab.Call) {
	e := c.Row
	details := numbers(c, "usageDetails")
	if details == nil {
		details = numbers(c, "usage")
	}
	e.CacheReadTokens = count(details, "input_cached_tokens", "cache_read_input_tokens", "input_cache_read")
	e.CacheWriteTokens = count(details, "cache_creation_input_tokens", "input_cache_creation")
	e.ReasoningTokens = count(details, "output_reasoning_tokens", "reasoning_tokens")
	if e.InputTokens = count(details, "input", "promptTokens", "prompt_tokens", "inputTokens", "input_tokens"); e.InputTokens != nil {
		for _, cached := range []*int64{e.CacheReadTokens, e.CacheWriteTokens} {
			if cached != nil {
				*e.InputTokens += *cached
			}
		}
	}
	e.OutputTokens = count(details, "output", "completionTokens", "completion_tokens", "outputTokens", "output_tokens")
	cost, ok := numbers(c, "costDetails")["total"]
	if !ok {
		cost, ok = details["totalCost"]
	}
	if ok {
		e.CostUSD, e.CostSource = &cost, "reported"
	}
}

// numbers reads the members of a property that are numbers.
func numbers(c *vocab.Call, key string) map[string]float64 {
	v := c.Property(key)
	var all map[string]any
	if !v.IsObject() || json.Unmarshal([]byte(v.JSON()), &all) != nil {
		return nil
	}
	out := map[string]float64{}
	for name, value := range all {
		if n, ok := value.(float64); ok && n >= 0 {
			out[name] = n
		}
	}
	return out
}

func count(details map[string]float64, names ...string) *int64 {
	const most = 1 << 53
	for _, name := range names {
		if n, ok := details[name]; ok && n <= most {
			return new(int64(n))
		}
	}
	return nil
}

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	scoreFields := []string{"name → feedback_name", "value → rating_raw", "value → label (categorical)", "traceId → trace_id", "observationId → span_id", "sessionId → conversation_id", "comment → comment", "source → rater"}
	required := []string{"name", "value"}
	place := []string{"id → span_id", "traceId → trace_id", "parentObservationId → parent_span_id (without: the trace id)"}
	said := slices.Clip(append(place, "input → parts", "output → parts", "model → response_model", "usageDetails, usage → input_tokens (with cached ones)", "costDetails → cost_usd", "statusMessage → error_message (level ERROR)"))
	tools := append(place, "name → tool_name", "input → tool_args", "output → tool_result", "tool_ok = true (false at level ERROR)")
	const updates = "-update items too: rows of the same span"
	return []vocab.EventDoc{
		{Name: score, Kind: event.KindFeedback, Action: "rated", When: "its name tells of users' feedback", Fields: append(scoreFields, "rater = user"), Required: required, Dimension: "answer", Weights: "2·score−1"},
		{Name: score, Kind: event.KindFeedback, Action: "evaluated", When: "source ANNOTATION or EVAL, or any other name", Fields: scoreFields, Required: required, Why: "scales are the evaluator's own"},
		{Name: traced, Kind: event.KindGeneration, Action: "completed", Fields: []string{"id → trace_id", "sessionId → conversation_id", "userId → user_id", "name → agent_name", "input → parts", "output → parts", "operation = agent", "counts_usage = false"}},
		{Name: "generation-create", Kind: event.KindGeneration, Action: "completed", Fields: append(said, "operation = chat", "counts_usage = true"), Required: []string{"traceId"}, Why: updates},
		{Name: "generation-create", Kind: event.KindGeneration, Action: "failed", When: "level ERROR", Fields: append(said, "operation = chat"), Required: []string{"traceId"}},
		{Name: "embedding-create", Kind: event.KindGeneration, Action: "completed", Fields: append(said, "operation = embedding"), Required: []string{"traceId"}, Why: updates},
		{Name: "span-create", Kind: event.KindGeneration, Action: "completed", Fields: append(said, "operation = span", "counts_usage = false"), Required: []string{"traceId"}, Why: "so do chain, agent, evaluator and guardrail; " + updates},
		{Name: "tool-create", Kind: event.KindTool, Action: "called", Fields: tools, Required: []string{"traceId"}, Why: "retriever too; " + updates},
		{Name: "event-create", Kind: event.KindProduct, Action: "traced", Fields: place, Required: []string{"traceId"}},
	}
}

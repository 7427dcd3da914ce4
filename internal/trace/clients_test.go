package trace

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

const answered = `[{"role":"assistant","parts":[{"type":"text","content":"SKU-7 has 42 left; shipping failed."},` +
	`{"type":"tool_call","id":"call-1","name":"check_stock","arguments":{"sku":"SKU-7"}},` +
	`{"type":"tool_call","id":"call-2","name":"ship_order","arguments":{"sku":"SKU-7"}},` +
	`{"type":"tool_call_response","id":"call-1","response":{"level":42}}],"finish_reason":"stop"}]`

const continued = `[{"role":"user","parts":[{"type":"text","content":"stock?"}]},` +
	`{"role":"assistant","parts":[{"type":"tool_call","id":"call-1","name":"check_stock"}]},` +
	`{"role":"tool","parts":[{"type":"tool_call_response","id":"call-1","response":{"level":42}}]}]`

// vercelAgent is the third turn of the Vercel AI SDK's driver: three steps, two tools. Without content
// if it is off.
func vercelAgent(content bool) []*event.Event {
	keep := func(f edit) edit {
		if content {
			return f
		}
		return func(*event.Event) {}
	}
	asks := keep(asksTool)
	return []*event.Event{
		span("chat1", "step1", "chat", 2, 4, keep(user("stock?")), asks, finish("tool_call"), tokens(30, 7), response("aitxt-1")),
		tool("tool1", "step1", "check_stock", 5, 6),
		span("step1", "root", "step", 1, 7, tokens(30, 7)),
		span("chat2", "step2", "chat", 8, 9, keep(input(continued)), asks, finish("tool_call"), tokens(60, 7), response("aitxt-2")),
		tool("tool2", "step2", "ship_order", 10, 11, func(e *event.Event) { e.ToolOK, e.ErrorType = new(false), "Error" }),
		span("step2", "root", "step", 8, 12, tokens(60, 7)),
		span("chat3", "step3", "chat", 13, 14, keep(input(continued)), keep(answer("SKU-7 has 42 left; shipping failed.")), finish("stop"), tokens(90, 7), response("aitxt-3")),
		span("step3", "root", "step", 13, 15, tokens(90, 7)),
		span("root", "", "agent", 0, 16, keep(user("stock?")), keep(output(answered)), finish("stop"), tokens(180, 21), ids("conv-1", "user-1", "sess-1")),
	}
}

func TestVercelAgentTurn(t *testing.T) {
	s := derived(t, vercelAgent(true))
	s.wantTalk(t, "user: stock?", "agent: SKU-7 has 42 left; shipping failed.")
	s.wantFigures(t, figures{In: 180, Out: 21, Completed: 3})
	in, out := s.one(t, ":root#in"), s.one(t, ":root#out")
	if in.MessageID != traceID+":root:in" || out.MessageID != traceID+":root:out" {
		t.Errorf("message ids %q and %q, want those of the span", in.MessageID, out.MessageID)
	}
	if !in.OccurredAt.Equal(at(0)) || !out.OccurredAt.Equal(at(16)) {
		t.Errorf("said at %s and %s, want the span's start and end", in.OccurredAt, out.OccurredAt)
	}
	for id, e := range s {
		if e.ConversationID != "conv-1" || e.UserID != "user-1" || e.SessionID != "sess-1" || e.Inferred {
			t.Errorf("%s is of conversation %q, user %q, session %q, inferred %v", id, e.ConversationID, e.UserID, e.SessionID, e.Inferred)
		}
		if e.TurnID != traceID+":root" {
			t.Errorf("%s is of turn %q", id, e.TurnID)
		}
	}
	if in.DerivedFrom != traceID+":root" || in.BodyHash != hash("stock?") || *in.BodyChars != 6 || in.LatencyMS != nil || in.InputTokens != nil {
		t.Errorf("user message is %+v", in)
	}
	if len(out.Parts) == 0 {
		t.Error("the answer has lost its tool calls")
	}
}

func TestVercelWithoutContent(t *testing.T) {
	s := derived(t, vercelAgent(false))
	s.wantTalk(t, "user: -", "agent: -")
	s.wantFigures(t, figures{In: 180, Out: 21, Completed: 3})

	s = derived(t, []*event.Event{
		span("root", "", "agent", 0, 4, failed("AI SDK operation failed")),
		span("step", "root", "step", 1, 3, failed("AI SDK operation failed")),
		span("chat", "step", "chat", 2, 3, failed("AI SDK operation failed")),
	})
	s.wantTalk(t)
	s.wantFigures(t, figures{Failed: 1})

	s = derived(t, []*event.Event{span("root", "", "agent", 0, 4), span("step", "root", "step", 1, 3), span("chat", "step", "chat", 2, 3)})
	s.wantTalk(t, "user: -")
	s.wantFigures(t, figures{Ended: 1})
	if root := s.one(t, ":root"); root.Action != "cancelled" || !root.Inferred {
		t.Errorf("the aborted root is %s, inferred %v", root.Action, root.Inferred)
	}
}

func TestVercelFailureAndAbort(t *testing.T) {
	s := derived(t, []*event.Event{
		span("chat", "step", "chat", 2, 3, user("This one fails"), failed("upstream 500")),
		span("step", "root", "step", 1, 3, failed("upstream 500")),
		span("root", "", "agent", 0, 4, user("This one fails"), failed("upstream 500")),
	})
	s.wantTalk(t, "user: This one fails")
	s.wantFigures(t, figures{Failed: 1})

	s = derived(t, []*event.Event{
		span("chat", "step", "chat", 2, 150, user("long")),
		span("step", "root", "step", 1, 150),
		span("root", "", "agent", 0, 151, user("long")),
	})
	s.wantTalk(t, "user: long")
	s.wantFigures(t, figures{Ended: 1})
	for _, id := range []string{":root", ":chat"} {
		if e := s.one(t, id); e.Action != "cancelled" || !e.Inferred {
			t.Errorf("%s is %s, inferred %v; want cancelled", id, e.Action, e.Inferred)
		}
	}
}

// The agent's span has no messages; two model calls beside tools have.
func otelGo(first, second []edit) []*event.Event {
	common := func(e *event.Event) {
		ids("conv-1", "user-1", "sess-1")(e)
		e.AgentID, e.AgentName, e.AgentVersion = "agent-1", "support-copilot", "1.2.0"
	}
	return []*event.Event{
		span("agent", "", "agent", 0, 30, common),
		span("c1", "agent", "chat", 1, 21, append(first, common, finish("tool_call"), tokens(30, 7), response("chatcmpl-1"))...),
		tool("t1", "agent", "check_stock", 22, 27, common),
		tool("t2", "agent", "ship_order", 27, 27, common),
		span("c2", "agent", "chat", 27, 28, append(second, common, finish("stop"), tokens(60, 9), response("chatcmpl-2"))...),
	}
}

func evaluation(e *event.Event) {
	e.Kind, e.Action, e.FeedbackName, e.Rater, e.MessageID, e.ConversationID = event.KindFeedback, "evaluated", "Relevance", "evaluator", "chatcmpl-2", "conv-1"
}

func TestOpenTelemetryMessagesInAttributes(t *testing.T) {
	rows := otelGo([]edit{user("Is SKU-7 in stock?"), asksTool}, []edit{input(continued), answer("Yes, 42 left.")})
	rows = append(rows,
		record("c2", "gen_ai.evaluation.result", 28, evaluation),
		record("c2", "gen_ai.client.inference.operation.details", 28, answer("Yes, 42 left."), response("chatcmpl-2"), func(e *event.Event) { e.Operation = "chat" }))
	s := derived(t, rows)
	s.wantTalk(t, "user: Is SKU-7 in stock?", "agent: Yes, 42 left.")
	s.wantFigures(t, figures{In: 90, Out: 16, Completed: 2})
	for _, id := range []string{":agent", ":c1", ":t1", ":t2", ":c2", "#in", "#out", "gen_ai.evaluation.result-28"} {
		if e := s.one(t, id); e.TurnID != traceID+":c1" {
			t.Errorf("%s is of turn %q, want that of the first call", id, e.TurnID)
		}
	}
	if e := s.one(t, "gen_ai.evaluation.result-28"); e.MessageID != "chatcmpl-2" || e.UserID != "user-1" {
		t.Errorf("evaluation of message %q, user %q", e.MessageID, e.UserID)
	}
	if e := s.one(t, "#out"); e.MessageID != "chatcmpl-2" || e.AgentName != "support-copilot" {
		t.Errorf("answer is %q by %q", e.MessageID, e.AgentName)
	}
}

func oldLogs() []*event.Event {
	return []*event.Event{
		record("c1", "gen_ai.user.message", 1, input(`{"role":"user","content":"Is SKU-7 in stock?"}`)),
		record("c1", "gen_ai.choice", 21, output(`{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[{"id":"call-1","type":"function","function":{"name":"check_stock","arguments":"{\"sku\":\"SKU-7\"}"}}]}}`)),
		record("c2", "gen_ai.user.message", 27, input(`{"role":"user","content":"Is SKU-7 in stock?"}`)),
		record("c2", "gen_ai.tool.message", 27.5, input(`{"role":"tool","id":"call-1","content":"{\"level\":42}"}`)),
		record("c2", "gen_ai.choice", 28, output(`{"index":0,"finish_reason":"stop","message":{"content":"Yes, 42 left."}}`)),
		record("c2", "gen_ai.evaluation.result", 28.5, evaluation),
	}
}

func TestOpenTelemetryMessagesInLogs(t *testing.T) {
	s := derived(t, append(otelGo(nil, nil), oldLogs()...))
	s.wantTalk(t, "user: Is SKU-7 in stock?", "agent: Yes, 42 left.")
	s.wantFigures(t, figures{In: 90, Out: 16, Completed: 2})
	for id, e := range s {
		if e.ConversationID != "conv-1" || e.UserID != "user-1" {
			t.Errorf("%s is of conversation %q, user %q", id, e.ConversationID, e.UserID)
		}
	}
}

func TestLogsAndSpansMeetInAnyOrder(t *testing.T) {
	spans := otelGo(nil, nil)
	whole := derived(t, append(spans, oldLogs()...)).rows()
	f := func(parts ...[]*event.Event) {
		t.Helper()
		s := store{}
		for _, p := range parts {
			s.add(p...)
			s.derive()
		}
		wantSame(t, whole, s.rows())
	}
	f(spans, oldLogs())
	f(oldLogs(), spans)
	f(oldLogs()[3:], spans[2:], oldLogs(), spans, oldLogs())
}

func TestLogsWithoutSpans(t *testing.T) {
	s := derived(t, oldLogs())
	s.wantTalk(t, "user: Is SKU-7 in stock?", "agent: Yes, 42 left.")

	details := record("c9", "gen_ai.client.inference.operation.details", 5, user("hi"), answer("hello"), tokens(3, 2), func(e *event.Event) { e.Operation = "chat" })
	s = derived(t, []*event.Event{details})
	s.wantTalk(t, "user: hi", "agent: hello")
	s.wantFigures(t, figures{In: 3, Out: 2, Completed: 1})
	s.add(span("c9", "", "chat", 1, 5, finish("stop")))
	s.derive()
	s.wantTalk(t, "user: hi", "agent: hello")
	s.wantFigures(t, figures{In: 3, Out: 2, Completed: 1})
	if e := s.one(t, "details-5"); e.Kind != event.KindProduct || e.CountsUsage {
		t.Errorf("the log is %s, counts %v; the span is the generation", e.Kind, e.CountsUsage)
	}
}

// The same when the vocabulary makes a generation of the log.
func TestGenerationsOfLogsGiveWayToTheirSpan(t *testing.T) {
	details := record("c9", "gen_ai.client.inference.operation.details", 5, user("hi"), answer("hello"), tokens(3, 2), func(e *event.Event) {
		e.Operation, e.Kind, e.Action, e.CountsUsage = "chat", event.KindGeneration, "completed", true
	})
	exception := record("c9", "gen_ai.client.operation.exception", 4, func(e *event.Event) {
		e.Kind, e.Action, e.ErrorType, e.Operation, e.CountsUsage = event.KindGeneration, "failed", "timeout", "chat", true
		e.SignalDimension, e.SignalWeight = "answer", new(-0.6)
	})
	s := derived(t, []*event.Event{details})
	s.wantFigures(t, figures{In: 3, Out: 2, Completed: 1})
	s.add(span("c9", "", "chat", 1, 5))
	s.derive()
	s.wantTalk(t, "user: hi", "agent: hello")
	s.wantFigures(t, figures{In: 3, Out: 2, Completed: 1})

	s = derived(t, []*event.Event{exception, span("c9", "", "chat", 1, 5, user("hi"))})
	s.wantTalk(t, "user: hi")
	s.wantFigures(t, figures{Failed: 1})
	if e := s.one(t, ":c9"); e.ErrorType != "timeout" || e.SignalWeight == nil || *e.SignalWeight != -0.6 {
		t.Errorf("error type %q, signal %v, want those of the log", e.ErrorType, e.SignalWeight)
	}
	if e := s.one(t, "exception-4"); e.SignalWeight != nil {
		t.Errorf("the log signals %v beside the span", *e.SignalWeight)
	}
	// a call with an answer got over it
	s = derived(t, []*event.Event{exception, span("c9", "", "chat", 1, 5, user("hi"), answer("hello"), finish("stop"))})
	s.wantTalk(t, "user: hi", "agent: hello")
	s.wantFigures(t, figures{Completed: 1})
}

func TestVercelLegacy(t *testing.T) {
	call := output(`[{"type":"tool_call","id":"call-1","name":"check_stock"}]`)
	s := derived(t, []*event.Event{
		span("gen1", "root", "chat", 1, 4, input(`[{"role":"user","content":[{"type":"text","text":"stock?"}]}]`), call, finish("tool_call"), tokens(30, 7)),
		tool("tool1", "gen1", "check_stock", 2, 3),
		span("gen2", "root", "chat", 5, 6, input(`[{"role":"user","content":[{"type":"text","text":"stock?"}]},{"role":"assistant","content":[{"type":"tool-call","toolCallId":"call-1"}]},{"role":"tool","content":[{"type":"tool-result","toolCallId":"call-1"}]}]`),
			output(`"42 left"`), finish("stop"), tokens(90, 7)),
		span("root", "", "agent", 0, 7, input(`{"messages":[{"role":"user","content":"stock?"}]}`), output(`"42 left"`), finish("stop"), tokens(120, 14)),
	})
	s.wantTalk(t, "user: stock?", "agent: 42 left")
	s.wantFigures(t, figures{In: 120, Out: 14, Completed: 2})
	if e := s.one(t, ":root"); e.ConversationID != traceID || !e.Inferred {
		t.Errorf("conversation %q, inferred %v; want the trace's", e.ConversationID, e.Inferred)
	}
}

// A parent and its child with the same answer, as LangChain's and OpenAI's instrumentations give: a workflow with
// inputs and outputs around one call.
func TestOnlyTheOuterSpanSpeaks(t *testing.T) {
	s := derived(t, []*event.Event{
		span("chain", "", "workflow", 0, 9, input(`{"input":"hi"}`), output(`{"output":"hello"}`)),
		span("llm", "chain", "chat", 1, 8, user("hi"), answer("hello"), finish("stop"), tokens(4, 2)),
	})
	s.wantTalk(t, "user: hi", "agent: hello")
	s.wantFigures(t, figures{In: 4, Out: 2, Completed: 1})
}

func TestFallbackContentGivesWayToCalls(t *testing.T) {
	fallback := func(e *event.Event) {
		c := Content{Input: []Message{TextMessage("user", "state")}, Output: []Message{TextMessage("assistant", "state")}, Fallback: true}
		e.Parts = c.JSON()
	}
	trace := span("t", "", "agent", 0, 9, fallback)
	s := derived(t, []*event.Event{trace, span("llm", "t", "chat", 1, 8, user("hi"), answer("hello"), finish("stop"))})
	s.wantTalk(t, "user: hi", "agent: hello")
	s = derived(t, []*event.Event{trace})
	s.wantTalk(t, "user: state", "agent: state")
}

func TestSeveralLogsOfACallAreOneCall(t *testing.T) {
	call := func(operation string) edit {
		return func(e *event.Event) {
			e.Operation, e.Kind, e.Action, e.CountsUsage = operation, event.KindGeneration, "completed", operation == "chat"
		}
	}
	const details = "gen_ai.client.inference.operation.details"
	thrown := record("c", "gen_ai.client.operation.exception", 4, call("chat"), failed("timeout"))
	s := derived(t, []*event.Event{thrown, record("c", "gen_ai.user.message", 1, user("hi")), record("c", details, 5, call("chat"), tokens(3, 0))})
	s.wantTalk(t, "user: hi")
	s.wantFigures(t, figures{In: 3, Failed: 1})
	// the details and the single messages tell the same
	s = derived(t, []*event.Event{span("c", "", "chat", 0, 9, finish("stop")), record("c", details, 5, call("chat"), user("hi"), answer("ho")),
		record("c", "gen_ai.user.message", 1, user("hi")), record("c", "gen_ai.choice", 5, answer("ho"))})
	s.wantTalk(t, "user: hi", "agent: ho")
	// details of a run are no call
	s = derived(t, []*event.Event{record("c", details, 5, user("hi"), answer("ho"), func(e *event.Event) { e.Operation = "agent" })})
	s.wantTalk(t, "user: hi", "agent: ho")
	s.wantFigures(t, figures{})
}

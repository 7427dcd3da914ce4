package trace

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

func TestSpansInSequenceAreTurns(t *testing.T) {
	s := derived(t, []*event.Event{
		plain("http", "", 0, 100),
		span("a", "http", "chat", 1, 10, user("one"), answer("1"), finish("stop")),
		span("b", "http", "chat", 20, 30, user("two"), answer("2"), finish("stop")),
		tool("t", "http", "lookup", 12, 13),
	})
	s.wantTalk(t, "user: one", "agent: 1", "user: two", "agent: 2")
	for id, want := range map[string]string{":a": ":a", ":b": ":b", ":t": ":a", "b#out": ":b"} {
		if e := s.one(t, id); e.TurnID != traceID+want {
			t.Errorf("%s is of turn %q, want %s", id, e.TurnID, want)
		}
	}
	if e := s.one(t, ":http"); e.TurnID != "" || e.ConversationID != traceID {
		t.Errorf("the request is of turn %q, conversation %q", e.TurnID, e.ConversationID)
	}
}

// All spans share one millisecond; the order of the batch decides.
func TestOrderWithoutClocks(t *testing.T) {
	nth := func(i int64) edit { return func(e *event.Event) { e.BatchIndex = i } }
	s := derived(t, []*event.Event{
		span("z", "", "chat", 0, 0, user("one"), answer("1"), finish("stop"), nth(1)),
		span("a", "", "chat", 0, 0, user("two"), answer("2"), finish("stop"), nth(2)),
	})
	s.wantTalk(t, "user: one", "agent: 1", "user: two", "agent: 2")
}

func TestRetryIsOneTurn(t *testing.T) {
	s := derived(t, []*event.Event{
		span("a", "", "chat", 0, 10, user("one"), failed("429")),
		span("b", "", "chat", 20, 30, user("one"), answer("1"), finish("stop")),
		span("c", "", "chat", 40, 50, user("one"), answer("again"), finish("stop")),
	})
	s.wantTalk(t, "user: one", "agent: 1", "user: one", "agent: again")
	s.wantFigures(t, figures{Completed: 2, Failed: 1})
}

func TestMissingRootAndLateOne(t *testing.T) {
	rows := vercelAgent(true)
	root, children := rows[len(rows)-1], rows[:len(rows)-1]
	s := derived(t, children)
	s.wantTalk(t, "user: stock?", "agent: SKU-7 has 42 left; shipping failed.")
	s.add(root)
	s.derive()
	wantSame(t, derived(t, rows).rows(), s.rows())
}

func TestToolsKeepTheirModelsToThemselves(t *testing.T) {
	inner := span("inner", "t", "chat", 6, 7, user("Summarise: …"), answer("short"), finish("stop"), tokens(10, 1))
	s := derived(t, []*event.Event{
		span("agent", "", "agent", 0, 30),
		span("c1", "agent", "chat", 1, 5, user("Is it there?"), asksTool, tokens(3, 1)),
		tool("t", "agent", "search", 5, 8),
		inner,
		span("c2", "agent", "chat", 9, 12, input(continued), answer("Yes."), finish("stop"), tokens(5, 1)),
	})
	s.wantTalk(t, "user: Is it there?", "agent: Yes.")
	s.wantFigures(t, figures{In: 18, Out: 3, Completed: 3})
	s = derived(t, []*event.Event{tool("t", "", "search", 5, 8), inner})
	s.wantTalk(t, "user: Summarise: …", "agent: short")
}

func TestParallelAgentsKeepTheirTurns(t *testing.T) {
	s := derived(t, []*event.Event{
		span("w", "", "workflow", 0, 30),
		span("a", "w", "agent", 1, 20), span("b", "w", "agent", 1, 20),
		span("a1", "a", "chat", 2, 3, user("A?"), asksTool), span("b1", "b", "chat", 3, 4, user("B?"), asksTool),
		span("a2", "a", "chat", 5, 6, input(continued), answer("A!"), finish("stop")),
		span("b2", "b", "chat", 7, 8, input(continued), answer("B!"), finish("stop")),
	})
	s.wantTalk(t, "user: A?", "user: B?", "agent: A!", "agent: B!")
	for id, want := range map[string]string{"a2#out": ":a1", "b2#out": ":b1", ":b": ":b1", ":w": ""} {
		if want != "" {
			want = traceID + want
		}
		if e := s.one(t, id); e.TurnID != want {
			t.Errorf("%s is of turn %q, want %q", id, e.TurnID, want)
		}
	}
}

func TestUsageCountsOnce(t *testing.T) {
	f := func(want figures, rows ...*event.Event) {
		t.Helper()
		derived(t, rows).wantFigures(t, want)
	}
	run := span("agent", "", "agent", 0, 9, tokens(9, 9), finish("stop"))
	call := span("llm", "agent", "chat", 1, 8, tokens(9, 9), finish("stop"))
	f(figures{9, 9, 1, 0, 0}, run, call)
	f(figures{9, 9, 1, 0, 0}, run)
	f(figures{9, 9, 1, 0, 0}, run, span("s", "agent", "step", 1, 8, tokens(9, 9)))
	// embeddings are calls, but not those that an agent's tokens repeat
	f(figures{12, 9, 2, 0, 0}, run, span("e", "agent", "embedding", 1, 8, tokens(3, 0)))
	// unless the run did nothing else
	f(figures{In: 3, Completed: 1}, span("run", "", "span", 0, 9, tokens(3, 0)), span("e", "run", "embedding", 1, 8, tokens(3, 0)))
	// two instrumentations of one call, also with a request between them
	f(figures{9, 9, 1, 0, 0}, call, span("http", "llm", "chat", 2, 7, tokens(9, 9)))
	f(figures{9, 9, 1, 0, 0}, call, plain("post", "llm", 2, 7), span("http", "post", "chat", 2, 7, tokens(9, 9)))
	f(figures{9, 9, 1, 0, 0}, call, span("http", "llm", "chat", 2, 7, finish("stop")))
	// a tool that the call ran asks a model of its own
	f(figures{12, 10, 2, 0, 0}, call, tool("t", "llm", "ask", 2, 7), span("sub", "t", "chat", 2, 7, tokens(3, 1)))
	// a run that failed before it called a model
	f(figures{0, 0, 0, 1, 0}, span("agent", "", "agent", 0, 9, failed("x")), span("s", "agent", "step", 0, 9, failed("x")))
}

func TestConversationOfATrace(t *testing.T) {
	says := func(id string) edit { return func(e *event.Event) { e.ConversationID = id } }
	f := func(want string, inferred bool, rows ...*event.Event) {
		t.Helper()
		s := derived(t, rows)
		for id, e := range s {
			if e.ConversationID != want || e.Inferred != inferred {
				t.Errorf("%s is of conversation %q, inferred %v; want %q, %v", id, e.ConversationID, e.Inferred, want, inferred)
			}
		}
	}
	chat := span("c", "r", "chat", 5, 6, user("hi"), answer("ho"), finish("stop"))
	root := span("r", "", "agent", 0, 9)
	f(traceID, true, chat, root)
	f("conv-1", false, chat, span("r", "", "agent", 0, 9, says("conv-1")))
	f("conv-1", false, root, span("c", "r", "chat", 5, 6, user("hi"), answer("ho"), finish("stop"), says("conv-1")))
	f("conv-1", false, chat, root, record("c", "gen_ai.choice", 6, says("conv-1")))
	f("", false, plain("http", "", 0, 9), plain("sql", "http", 1, 2))
	f("", false, span("e", "", "embedding", 0, 1, tokens(5, 0)))
	f("", false, tool("t", "", "search", 0, 1))

	s := derived(t, []*event.Event{
		span("r", "", "workflow", 0, 99),
		span("a", "r", "agent", 1, 9, says("conv-a")), span("a1", "a", "chat", 2, 3, user("A?"), answer("A!"), finish("stop")),
		span("b", "r", "agent", 11, 19, says("conv-b")), span("b1", "b", "chat", 12, 13, user("B?"), answer("B!"), finish("stop")),
	})
	for id, want := range map[string]string{"a1#in": "conv-a", "b1#out": "conv-b", ":r": "conv-a"} {
		if e := s.one(t, id); e.ConversationID != want {
			t.Errorf("%s is of conversation %q, want %q", id, e.ConversationID, want)
		}
	}
}

func TestAgentsComeFromAbove(t *testing.T) {
	agent := func(name string) edit { return func(e *event.Event) { e.AgentName = name } }
	s := derived(t, []*event.Event{
		span("r", "", "workflow", 0, 9),
		span("a", "r", "agent", 1, 8, agent("writer")),
		span("c", "a", "chat", 2, 3, user("hi"), answer("ho"), finish("stop")),
	})
	for id, want := range map[string]string{":r": "", ":c": "writer", "c#in": "writer"} {
		if e := s.one(t, id); e.AgentName != want {
			t.Errorf("%s has agent %q, want %q", id, e.AgentName, want)
		}
	}
}

func TestAnswersOfManyShapes(t *testing.T) {
	f := func(want []string, edits ...edit) {
		t.Helper()
		s := derived(t, []*event.Event{span("c", "", "chat", 0, 9, append([]edit{user("hi")}, edits...)...)})
		if diff := cmp.Diff(append([]string{"user: hi"}, want...), s.talk()); diff != "" {
			t.Errorf("messages differ (-want +got):\n%s", diff)
		}
	}
	f([]string{"agent: "}, answer(""), finish("stop"))
	f(nil, output(`""`), finish("tool_call")) // Vercel's older spans
	f(nil, asksTool)
	f([]string{"agent: One moment."}, output(`[{"role":"assistant","content":"One moment.","tool_calls":[{"id":"1"}]}]`), finish("tool_call"))
	f([]string{"agent: -"}, finish("stop"))                                                                                                // input alone was captured
	f([]string{"agent: -"}, output(`{"index":0,"finish_reason":"stop","message":{"role":"assistant"}}`))                                   // content off in logs
	f([]string{"agent: -"}, output(`[{"role":"assistant","parts":[{"type":"blob","modality":"image"}]}]`), finish("stop"))                 // an image
	f([]string{"agent: 42"}, output(`[{"role":"assistant","parts":[{"type":"reasoning","content":"…"},{"type":"text","content":"42"}]}]`)) // thought first
	f(nil, answer("half"), failed("timeout"))
	f([]string{"agent: half"}, answer("half"), func(e *event.Event) { e.Action = "cancelled" })
}

func TestHistoryIsNoMessage(t *testing.T) {
	history := `[{"role":"system","content":"Be kind."},{"role":"user","content":"one"},{"role":"assistant","content":"1"},{"role":"user","content":"two"}]`
	s := derived(t, []*event.Event{span("c", "", "chat", 0, 9, input(history), answer("2"), finish("stop"))})
	s.wantTalk(t, "user: two", "agent: 2")
}

func TestOddTreesEnd(t *testing.T) {
	f := func(rows ...*event.Event) {
		t.Helper()
		derived(t, rows).wantTalk(t, "user: hi", "agent: ho")
	}
	hi := func(id, parent string) *event.Event {
		return span(id, parent, "chat", 1, 2, user("hi"), answer("ho"), finish("stop"))
	}
	f(hi("a", "a"))
	f(plain("a", "b", 0, 9), plain("b", "a", 0, 9), hi("c", "b"))
	f(hi("c", "gone"))
	if r := (Deriver{}).Derive(nil, nil); len(r.Puts)+len(r.Retracts) > 0 || r.ConversationID != "" {
		t.Errorf("no rows make %+v", r)
	}
}

func TestRowsWithTheirOwnEventIDsAreSpans(t *testing.T) {
	own := func(id string) edit {
		return func(e *event.Event) { e.ID, e.Vocabulary, e.SourceEvent = id, "posthog", "$ai_generation" }
	}
	s := derived(t, []*event.Event{
		span("t", "", "agent", 0, 9, own("uuid-1")),
		span("g", "t", "chat", 1, 2, user("hi"), answer("ho"), finish("stop"), tokens(2, 1), own("uuid-2")),
		span("g", "t", "chat", 3, 4, user("and?"), answer("so"), finish("stop"), tokens(2, 1), own("uuid-3")), // the same span id again
		span("o", "t", "chat", 5, 6, user("otel"), answer("too"), finish("stop"), tokens(2, 1)),
	})
	s.wantTalk(t, "user: hi", "agent: ho", "user: and?", "agent: so", "user: otel", "agent: too")
	s.wantFigures(t, figures{6, 3, 3, 0, 0})
}

func TestDeriveLeavesItsInputAlone(t *testing.T) {
	rows := vercelAgent(true)
	want := vercelAgent(true)
	Deriver{Hash: hash}.Derive(rows, nil)
	wantSame(t, want, rows)
}

func TestContinuationGoesOnWithTheLastTurn(t *testing.T) {
	s := derived(t, []*event.Event{
		span("w", "", "workflow", 0, 50),
		span("a", "w", "chat", 1, 2, user("A?"), answer("A!"), finish("stop")),
		span("b", "w", "chat", 3, 4, user("B?"), asksTool),
		span("c", "w", "chat", 5, 6, input(continued), answer("B!"), finish("stop")),
	})
	if e := s.one(t, "c#out"); e.TurnID != traceID+":b" {
		t.Errorf("the answer is of turn %q, want that of b", e.TurnID)
	}
}

func TestOnlyCallsAreCancelledBelowAnAbortedRun(t *testing.T) {
	s := derived(t, []*event.Event{span("r", "", "agent", 0, 9, user("hi")), span("s", "r", "step", 1, 9), span("c", "s", "chat", 2, 9, user("hi"))})
	for id, want := range map[string]string{":r": "cancelled", ":s": "completed", ":c": "cancelled"} {
		if e := s.one(t, id); e.Action != want {
			t.Errorf("%s is %s, want %s", id, e.Action, want)
		}
	}
	// an embedding is no sign of life, an earlier call that asked for tools no answer
	s = derived(t, []*event.Event{
		span("r", "", "agent", 0, 9, user("hi")),
		span("c1", "r", "chat", 1, 2, user("hi"), asksTool, tokens(3, 1)),
		span("c2", "r", "chat", 3, 9, input(continued)),
		span("e", "r", "embedding", 4, 5),
	})
	s.wantTalk(t, "user: hi")
	s.wantFigures(t, figures{In: 3, Out: 1, Completed: 2, Ended: 1})
	// a run that says nothing itself, around a call that answers
	s = derived(t, []*event.Event{span("r", "", "agent", 0, 9, user("hi")), span("c", "r", "chat", 1, 2, user("hi"), answer("ho"), finish("stop"))})
	s.wantTalk(t, "user: hi", "agent: ho")
	s.wantFigures(t, figures{Completed: 1})
	// making an agent is no run
	s = derived(t, []*event.Event{span("r", "", "agent", 0, 9, func(e *event.Event) { e.SourceSubtype = "create_agent" })})
	s.wantTalk(t)
}

func TestEmbeddingsInCallsCountBeside(t *testing.T) {
	s := derived(t, []*event.Event{span("c", "", "chat", 0, 9, tokens(5, 5), finish("stop")), span("e", "c", "embedding", 1, 2, tokens(7, 0))})
	s.wantFigures(t, figures{In: 12, Out: 5, Completed: 2})
}

func TestTurnsOfWhatIsBelow(t *testing.T) {
	s := derived(t, []*event.Event{
		plain("http", "", 0, 99),
		span("a", "http", "agent", 0, 50, user("A?"), answer("A!"), finish("stop")),
		span("b", "http", "agent", 10, 40, user("B?"), answer("B!"), finish("stop")), // at the same time
		tool("t", "a", "search", 20, 21),
		span("e", "t", "embedding", 20, 21),
	})
	for _, id := range []string{":t", ":e"} {
		if e := s.one(t, id); e.TurnID != traceID+":a" {
			t.Errorf("%s is of turn %q, want a's", id, e.TurnID)
		}
	}
}

func TestFeedbackKeepsWhatItSays(t *testing.T) {
	feedback := func(action, message, scope string) *event.Event {
		return record("c", action, 9, func(e *event.Event) {
			e.Kind, e.Action, e.MessageID, e.Scope, e.SourceSubtype = event.KindFeedback, action, message, scope, action
		})
	}
	f := func(want string, e *event.Event) {
		t.Helper()
		s := derived(t, []*event.Event{span("r", "", "agent", 0, 9, user("hi"), answer("ho"), finish("stop")),
			span("c", "r", "chat", 1, 2, user("hi"), answer("ho"), finish("stop"), response("resp-1")), e})
		if got := s[e.ID]; got.MessageID != want || got.ConversationID != traceID {
			t.Errorf("feedback is about %q in %q, want %q", got.MessageID, got.ConversationID, want)
		}
	}
	out := traceID + ":r:out"
	f(out, feedback("evaluated", "resp-1", "message"))
	f(out, feedback("evaluated", "", ""))
	f(out, feedback("evaluated", "unknown", "message")) // the span says which
	f(out, feedback("rated", "resp-1", "message"))
	f("of-the-browser", feedback("rated", "of-the-browser", "message"))
	f("", feedback("evaluated", "", "trace"))
}

func TestTurnsWithoutContent(t *testing.T) {
	rows := []*event.Event{
		span("agent", "", "agent", 0, 30),
		span("c1", "agent", "chat", 1, 2, finish("tool_call"), tokens(3, 1)),
		tool("t", "agent", "search", 3, 4),
		span("c2", "agent", "chat", 5, 6, finish("stop"), tokens(4, 1)),
		span("c3", "agent", "chat", 7, 8, finish("stop"), tokens(4, 1)),
		span("c4", "agent", "chat", 9, 10), // aborted
		span("c5", "agent", "chat", 11, 12, finish("tool_call")),
	}
	s := derived(t, rows)
	s.wantTalk(t, "user: -", "agent: -", "user: -", "agent: -", "user: -")
	for id, want := range map[string]string{":c1": ":c1", ":t": ":c1", ":c2": ":c1", "c2#out": ":c1", "c1#in": ":c1", "c3#in": ":c3", ":c4": ":c4"} {
		if e := s.one(t, id); e.TurnID != traceID+want {
			t.Errorf("%s is of turn %q, want %s", id, e.TurnID, want)
		}
	}
	s.wantFigures(t, figures{In: 11, Out: 3, Completed: 4, Ended: 1})
}

func TestTheNewestRevisionHolds(t *testing.T) {
	rows := vercelAgent(true)
	want := derived(t, rows)
	var both []*event.Event
	for _, e := range want {
		both = append(both, e)
	}
	both = append(both, rows...) // and what was there before
	if r := (Deriver{Hash: hash}).Derive(both, nil); len(r.Puts)+len(r.Retracts) > 0 {
		t.Errorf("older rows beside newer ones make %d puts", len(r.Puts))
	}
}

func TestScope(t *testing.T) {
	got := ScopeOf(vercelAgent(true))
	if want := (Scope{"conv-1", at(0), at(16)}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Time must not explode with the size of a trace, however odd it is.
func TestLargeTracesEnd(t *testing.T) {
	const n = 20_000
	name := func(i int) string { return fmt.Sprintf("s%05d", i) }
	var chain, flat []*event.Event
	for i := range n {
		parent := ""
		if i > 0 {
			parent = name(i - 1)
		}
		chain = append(chain, span(name(i), parent, "agent", float64(i), n))
	}
	chain = append(chain, span("c", name(n-1), "chat", n, n, user("hi"), answer("ho"), finish("stop")))
	for i := range 3000 {
		flat = append(flat, span(name(i), "root", "chat", float64(2*i), float64(2*i+1), user("hi "+name(i)), answer("ho"), finish("stop")))
	}
	start := time.Now()
	s := store{}
	s.add(chain...)
	s.derive()
	s.wantTalk(t, "user: hi", "agent: ho")
	s = store{}
	s.add(flat...)
	s.derive()
	if got := len(s.talk()); got != 6000 {
		t.Errorf("got %d messages, want 6000", got)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("two large traces took %s", took)
	}
}

func TestCirclesAreBrokenAtTheirFirstSpan(t *testing.T) {
	s := derived(t, []*event.Event{
		plain("x", "c", 0, 1), // leads into the circle, is no part of it
		span("a", "c", "agent", 5, 9, user("hi"), answer("ho"), finish("stop")),
		span("b", "a", "agent", 6, 9, user("hi"), answer("no"), finish("stop")),
		span("c", "b", "agent", 7, 9, user("hi"), answer("no"), finish("stop")),
	})
	s.wantTalk(t, "user: hi", "agent: ho")
}

func TestAgentsAreFilledAsAWhole(t *testing.T) {
	s := derived(t, []*event.Event{
		span("a", "", "agent", 0, 9, func(e *event.Event) { e.AgentID, e.AgentName, e.AgentVersion = "a1", "one", "1.0" }),
		span("b", "a", "agent", 1, 8, func(e *event.Event) { e.AgentName = "two" }),
		span("c", "b", "chat", 2, 3, user("hi"), answer("ho"), finish("stop")),
	})
	for _, id := range []string{":b", ":c"} {
		if e := s.one(t, id); e.AgentID != "" || e.AgentName != "two" || e.AgentVersion != "" {
			t.Errorf("%s has agent %q %q %q, want two alone", id, e.AgentID, e.AgentName, e.AgentVersion)
		}
	}
}

func TestOnlyTheAgentIsQuoted(t *testing.T) {
	s := derived(t, []*event.Event{span("c", "", "agent", 0, 9, user("hi"), finish("stop"),
		output(`[{"role":"assistant","content":"one"},{"role":"tool","content":"42"},{"role":"system","content":"s"},{"role":"assistant","content":"two"}]`))})
	s.wantTalk(t, "user: hi", "agent: one\ntwo")
}

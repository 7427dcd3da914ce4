package trace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// grower makes traces that no client would send in one piece, but each part of which one does.
type grower struct {
	*rand.Rand
	rows []*event.Event
	n    int
}

func (g *grower) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *grower) maybe(p float64, f edit) edit {
	if g.Float64() < p {
		return f
	}
	return func(*event.Event) {}
}

// grow adds a span and what is below it, between two times. Times are whole and few, so that many are equal.
func (g *grower) grow(parent string, from, to, depth int) {
	g.n++
	id := fmt.Sprintf("s%02d", g.n)
	op := g.one("chat", "chat", "chat", "agent", "agent", "workflow", "step", "embedding", "span", "tool", "plain")
	begin := float64(from + g.IntN(2))
	end := begin + float64(max(0, to-from-g.IntN(2)))
	edits := []edit{
		g.maybe(.5, finish(g.one("stop", "tool_call", "length"))),
		g.maybe(.5, tokens(int64(g.IntN(9)), int64(g.IntN(9)))),
		g.maybe(.3, response(g.one("r1", "r2", "r3"))),
		g.maybe(.15, failed("timeout")),
		g.maybe(.3, ids(g.one("conv-1", "conv-2", ""), g.one("u1", "u2", ""), "")),
		g.maybe(.3, func(e *event.Event) { e.AgentName = g.one("a1", "a2") }),
		func(e *event.Event) { e.BatchIndex = int64(g.IntN(3)) },
	}
	switch op {
	case "tool":
		g.rows = append(g.rows, tool(id, parent, "t", begin, end, edits...))
	case "plain":
		g.rows = append(g.rows, plain(id, parent, begin, end))
	default:
		edits = append(edits, g.maybe(.5, user(g.one("q1", "q2", "q3"))), g.maybe(.2, input(continued)),
			g.maybe(.5, answer(g.one("a1", "a2", ""))), g.maybe(.2, asksTool))
		g.rows = append(g.rows, span(id, parent, op, begin, end, edits...))
		g.logs(id, begin)
	}
	if depth > 0 {
		for range g.IntN(4) {
			g.grow(id, from, to, depth-1)
		}
	}
}

func (g *grower) logs(id string, ms float64) {
	if g.Float64() < .2 {
		g.rows = append(g.rows, record(id, "gen_ai.user.message", ms, user(g.one("q1", "q4"))), record(id, "gen_ai.choice", ms, answer("a1")))
	}
	if g.Float64() < .1 {
		g.rows = append(g.rows, record(id, "gen_ai.client.inference.operation.details", ms, answer("a2"), tokens(1, 1), func(e *event.Event) {
			e.Operation = "chat"
			if g.IntN(2) == 0 {
				e.Kind, e.Action, e.CountsUsage = event.KindGeneration, "completed", true
			}
		}))
	}
	if g.Float64() < .1 {
		g.rows = append(g.rows, record(id, "gen_ai.evaluation.result", ms, evaluation))
	}
	if g.Float64() < .1 {
		g.rows = append(g.rows, record(id, "gen_ai.client.operation.exception", ms, func(e *event.Event) { e.ErrorType = "x" }))
	}
}

func (g *grower) trace() (rows, explicit []*event.Event) {
	g.rows, g.n = nil, 0
	for range 1 + g.IntN(3) {
		g.grow(g.one("", "", "gone"), 0, 1+g.IntN(4), 3)
	}
	if g.IntN(2) == 0 {
		for i := range g.IntN(4) {
			role := g.one(event.RoleUser, event.RoleAgent)
			explicit = append(explicit, sent(fmt.Sprintf("m%d", i), role, g.one("q1", "q2", "a1", "a2"), float64(g.IntN(5)), g.maybe(.2, withoutBody),
				func(e *event.Event) { e.ConversationID = g.one("conv-1", "conv-2", traceID) }))
		}
	}
	return g.rows, explicit
}

func (g *grower) shuffled(rows []*event.Event) []*event.Event {
	out := slices.Clone(rows)
	g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func eachTrace(t *testing.T, f func(g *grower, rows, explicit []*event.Event)) {
	for seed := range uint64(500) {
		g := &grower{Rand: rand.New(rand.NewPCG(seed, 7))}
		rows, explicit := g.trace()
		f(g, rows, explicit)
		if t.Failed() {
			t.Fatalf("seed %d, %d rows", seed, len(rows))
		}
	}
}

func TestDerivationIsAFunctionOfTheSetOfRows(t *testing.T) {
	eachTrace(t, func(g *grower, rows, explicit []*event.Event) {
		want := derived(t, rows, explicit...).rows()

		again := g.shuffled(append(slices.Clone(rows), rows[g.IntN(len(rows)):]...))
		wantSame(t, want, derived(t, again, g.shuffled(append(explicit, explicit...))...).rows())

		// In parts, each followed by a derivation or not, then all of it again.
		s := store{}
		for rest := g.shuffled(rows); len(rest) > 0; {
			n := 1 + g.IntN(len(rest))
			s.add(rest[:n]...)
			rest = rest[n:]
			if g.IntN(4) > 0 {
				s.derive(explicit[:g.IntN(len(explicit)+1)]...)
			}
		}
		s.add(rows...)
		s.derive(explicit...)
		wantSame(t, want, s.rows())
	})
}

func TestMessagesHaveTheirOwnIDs(t *testing.T) {
	eachTrace(t, func(_ *grower, rows, explicit []*event.Event) {
		s := derived(t, rows, explicit...)
		perSpan := map[string]int{}
		for _, e := range s.rows() {
			if e.Kind == event.KindMessage {
				perSpan[e.SpanID+e.Role]++
				if e.ConversationID == "" || e.TurnID == "" || e.MessageID == "" || e.ReceivedAt.IsZero() {
					t.Errorf("message %s lacks an id or a time", e.ID)
				}
			}
		}
		for k, n := range perSpan {
			if n != 1 {
				t.Errorf("%s has %d messages", k, n)
			}
		}
	})
}

// Whatever runs around them say, the tokens are those of the calls.
func TestTokensAreThoseOfTheCalls(t *testing.T) {
	for seed := range uint64(500) {
		g := rand.New(rand.NewPCG(seed, 3))
		var rows []*event.Event
		var want figures
		var grow func(parent string, depth int)
		grow = func(parent string, depth int) {
			id := fmt.Sprintf("s%d", len(rows))
			if depth == 0 || g.IntN(3) == 0 {
				in, out := int64(g.IntN(100)), int64(g.IntN(100))
				want.In, want.Out, want.Completed = want.In+in, want.Out+out, want.Completed+1
				rows = append(rows, span(id, parent, "chat", 0, 1, tokens(in, out), finish("stop")))
				return
			}
			rows = append(rows, span(id, parent, []string{"agent", "workflow", "step", "span"}[g.IntN(4)], 0, 1, tokens(1000, 1000), finish("stop")))
			for range 1 + g.IntN(3) {
				grow(id, depth-1)
			}
		}
		grow("", 4)
		if got := derived(t, rows).figures(); got != want {
			t.Fatalf("seed %d: counting calls make %+v, want %+v", seed, got, want)
		}
	}
}

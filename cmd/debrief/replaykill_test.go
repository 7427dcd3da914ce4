package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestReplaySurvivesKill kills the server while it replays what a plan held back, each time after another
// while. In the end every call is stored exactly once, with the time at which it was first received.
func TestReplaySurvivesKill(t *testing.T) {
	const calls = 3000
	s := survive(t, 6, 2)
	s.ask(t, http.MethodPost, "plans", map[string]any{"text": "name: web\nevents: [{name: Other}]\n"}, nil)
	s.ask(t, http.MethodPut, "sources/default/plan", map[string]any{"plan": "web", "enforcement": map[string]any{"track": map[string]any{"unplanned_events": "block"}}}, nil)
	sendHeld(t, s.child, calls)
	s.settle(t)
	if got := heldCount(t, s.child, "held"); got != calls {
		t.Fatalf("%d calls are held, want %d", got, calls)
	}
	stored := s.stored(t)
	if len(stored) > 0 {
		t.Fatalf("%d calls are stored though the plan blocks them", len(stored))
	}
	before := time.Now()
	s.ask(t, http.MethodPut, "plans/web", map[string]any{"text": "name: web\nevents: [{name: Message Sent}]\n"}, nil)
	s.ask(t, http.MethodPost, "quarantine/replay", map[string]any{"filter": map[string]any{}}, nil)
	for range s.rounds {
		s.wait(150 * time.Millisecond)
		s.restart()
		t.Logf("%d of %d replayed by now", heldCount(t, s.child, "replayed"), calls)
	}
	await(t, time.Minute, func() string {
		replaying, held := heldCount(t, s.child, "replaying"), heldCount(t, s.child, "held")
		return left(calls-heldCount(t, s.child, "replayed"), fmt.Sprintf("calls to be replayed, of which %d are on their way and %d held", replaying, held))
	})
	stored = s.stored(t)
	for i := range calls {
		times := stored[heldID(i)]
		if len(times) != 1 || times[0].After(before) {
			t.Errorf("call %s is there %d times: %v", heldID(i), len(times), times)
		}
	}
	if len(stored) != calls {
		t.Errorf("%d events are stored, want %d", len(stored), calls)
	}
	s.kill()
}

func heldID(i int) string { return fmt.Sprintf("held-call-of-the-test-%06d", i) }

// sendHeld sends calls in many requests, as clients do.
func sendHeld(t *testing.T, s *child, calls int) {
	t.Helper()
	for first := 0; first < calls; first += 20 {
		var batch []string
		for i := first; i < min(first+20, calls); i++ {
			batch = append(batch, fmt.Sprintf(`{"type":"track","messageId":%q,"userId":"ada","event":"Message Sent","properties":{"conversationId":"c%d","message_body":"hello"}}`, heldID(i), i%50))
		}
		s.send(t, batch)
	}
}

// heldCount returns how many calls in quarantine have a status.
func heldCount(t *testing.T, s *child, status string) int {
	t.Helper()
	var summary struct{ Total int }
	s.ask(t, http.MethodGet, "quarantine/summary?status="+status, nil, &summary)
	return summary.Total
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReplaySurvivesKill kills the server while it replays what a plan held back, each time after another
// while. In the end every call is stored exactly once, with the time at which it was first received.
func TestReplaySurvivesKill(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	const calls = 3000
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "data")
	s := startChild(t, dir)
	api := func() *apiClient { return &apiClient{server: s.url, token: childToken, http: http.DefaultClient} }
	ask := func(method, path string, in, into any) {
		t.Helper()
		if err := api().do(t.Context(), method, path, in, into); err != nil {
			t.Fatal(err)
		}
	}
	ask(http.MethodPost, "plans", map[string]any{"text": "name: web\nevents: [{name: Other}]\n"}, nil)
	ask(http.MethodPut, "sources/default/plan", map[string]any{"plan": "web", "enforcement": map[string]any{"track": map[string]any{"unplanned_events": "block"}}}, nil)
	sendHeld(t, s.url, calls)
	if err := awaitSettled(api()); err != nil {
		t.Fatal(err)
	}
	if got := heldCount(t, api(), "held"); got != calls {
		t.Fatalf("%d calls are held, want %d", got, calls)
	}
	stored := storedAt(t, s.url)
	if len(stored) > 0 {
		t.Fatalf("%d calls are stored though the plan blocks them", len(stored))
	}
	before := time.Now()
	ask(http.MethodPut, "plans/web", map[string]any{"text": "name: web\nevents: [{name: Message Sent}]\n"}, nil)
	ask(http.MethodPost, "quarantine/replay", map[string]any{"filter": map[string]any{}}, nil)
	for round := range rounds {
		delay := time.Duration(rng.IntN(150_000)) * time.Microsecond
		<-time.After(delay)
		s.kill(t)
		s = startChild(t, dir)
		t.Logf("round %d: killed after %v, %d of %d replayed then", round, delay, heldCount(t, api(), "replayed"), calls)
	}
	for deadline := time.Now().Add(60 * time.Second); heldCount(t, api(), "replayed") < calls; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d are replayed, %d on their way, %d held", heldCount(t, api(), "replayed"), heldCount(t, api(), "replaying"), heldCount(t, api(), "held"))
		}
	}
	stored = storedAt(t, s.url)
	for i := range calls {
		times := stored[heldID(i)]
		if len(times) != 1 || times[0].After(before) {
			t.Errorf("call %s is there %d times: %v", heldID(i), len(times), times)
		}
	}
	if len(stored) != calls {
		t.Errorf("%d events are stored, want %d", len(stored), calls)
	}
	s.kill(t)
}

func heldID(i int) string { return fmt.Sprintf("held-call-of-the-test-%06d", i) }

// sendHeld sends calls in many requests, as clients do.
func sendHeld(t *testing.T, url string, calls int) {
	t.Helper()
	for first := 0; first < calls; first += 20 {
		var batch []string
		for i := first; i < min(first+20, calls); i++ {
			batch = append(batch, fmt.Sprintf(`{"type":"track","messageId":%q,"userId":"ada","event":"Message Sent","properties":{"conversationId":"c%d","message_body":"hello"}}`, heldID(i), i%50))
		}
		req, err := http.NewRequest(http.MethodPost, url+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(batch, ",")+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(childKey, "")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("send: %s", resp.Status)
		}
	}
}

// heldCount returns how many calls in quarantine have a status.
func heldCount(t *testing.T, api *apiClient, status string) int {
	t.Helper()
	var summary struct{ Total int }
	if err := api.do(t.Context(), http.MethodGet, "quarantine/summary?status="+status, nil, &summary); err != nil {
		t.Fatal(err)
	}
	return summary.Total
}

// storedAt returns when the rows of each event id were received.
func storedAt(t *testing.T, url string) map[string][]time.Time {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url+"/api/v1/export/events?format=jsonl", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+childToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out := map[string][]time.Time{}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			ID         string
			ReceivedAt time.Time `json:"received_at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		out[e.ID] = append(out[e.ID], e.ReceivedAt)
	}
	if err := lines.Err(); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("export: %d, %v", resp.StatusCode, err)
	}
	return out
}

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAcknowledgedCallsSurviveKill kills the server during load, again and again, each time after another
// while. Every call that was acknowledged must be there exactly once after the restart, and no call twice.
func TestAcknowledgedCallsSurviveKill(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "data")
	l := &load{sent: map[string]bool{}, acked: map[string]bool{}}
	for round := range rounds {
		s := startChild(t, dir)
		l.check(t, s)
		stop := make(chan struct{})
		var senders sync.WaitGroup
		for sender := range 4 {
			own := rand.New(rand.NewPCG(seed, uint64(round*10+sender+1)))
			senders.Go(func() { l.send(t, s.url, own, fmt.Sprintf("r%02d-s%d", round, sender), stop) })
		}
		delay := time.Duration(rng.IntN(250_000)) * time.Microsecond
		<-time.After(delay)
		s.kill(t)
		close(stop)
		senders.Wait()
		t.Logf("round %d: killed after %v, %d acknowledged in all", round, delay, len(l.acked))
	}
	s := startChild(t, dir)
	l.check(t, s)
	if len(l.acked) == 0 {
		t.Error("no call was ever acknowledged; the test tests nothing")
	}
	checkAnalysed(t, s)
	s.kill(t)
}

// checkAnalysed waits until nothing is left to analyse. No conversation may lack its analysis then, whenever
// the server died between noting it, storing it and analysing it.
func checkAnalysed(t *testing.T, s *child) {
	t.Helper()
	api := &apiClient{server: s.url, token: childToken, http: http.DefaultClient}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var status struct {
			Pipeline struct {
				AnalysisWaiting int64 `json:"analysis_waiting"`
			}
		}
		if err := api.do(t.Context(), http.MethodGet, "status", nil, &status); err != nil {
			t.Fatal(err)
		}
		if status.Pipeline.AnalysisWaiting == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d conversations still wait to be analysed", status.Pipeline.AnalysisWaiting)
		}
		<-time.After(100 * time.Millisecond)
	}
	for path, want := range map[string]bool{"conversations?filter=analysis_version:exists&limit=1": true, "conversations?filter=!analysis_version:exists&limit=1": false} {
		var list struct{ Total int64 }
		if err := api.do(t.Context(), http.MethodGet, path, nil, &list); err != nil {
			t.Fatal(err)
		}
		if (list.Total > 0) != want {
			t.Errorf("%s: %d conversations", path, list.Total)
		}
	}
}

// load is what was sent, and what of it the server said it has.
type load struct {
	mu          sync.Mutex
	sent, acked map[string]bool
}

// send posts batches until the server is gone.
func (l *load) send(t *testing.T, url string, rng *rand.Rand, name string, stop <-chan struct{}) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		ids := make([]string, 1+rng.IntN(5))
		calls := make([]string, len(ids))
		for i := range ids {
			ids[i] = fmt.Sprintf("%s-%06d-%d-x%016x", name, n, i, rng.Uint64())
			calls[i] = fmt.Sprintf(`{"type":"track","messageId":%q,"userId":"ada","event":"Message Sent","properties":{"conversationId":%q,"role":"customer","message_body":"hello"}}`, ids[i], name)
		}
		l.note(l.sent, ids)
		req, err := http.NewRequest(http.MethodPost, url+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(calls, ",")+`]}`))
		if err != nil {
			t.Error(err)
			return
		}
		req.SetBasicAuth(childKey, "")
		resp, err := client.Do(req)
		if err != nil {
			return // killed: not acknowledged
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return
		}
		if resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"success":true`)) {
			t.Errorf("answer %d: %s", resp.StatusCode, body)
			return
		}
		l.note(l.acked, ids)
	}
}

func (l *load) note(in map[string]bool, ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		in[id] = true
	}
}

// check compares with what the server has, once it has stored what is in its log.
func (l *load) check(t *testing.T, s *child) {
	t.Helper()
	api := &apiClient{server: s.url, token: childToken, http: http.DefaultClient}
	if err := awaitSettled(api); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, s.url+"/api/v1/export/events?format=jsonl", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+childToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	stored := map[string]int{}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct{ ID string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		stored[e.ID]++
	}
	if err := lines.Err(); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("export: %d, %v", resp.StatusCode, err)
	}
	for id := range l.acked {
		if stored[id] != 1 {
			t.Errorf("acknowledged call %s is there %d times", id, stored[id])
		}
	}
	for id, n := range stored {
		if n != 1 || !l.sent[id] {
			t.Errorf("event %s is there %d times, was sent: %t", id, n, l.sent[id])
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestAcknowledgedCallsSurviveKill kills the server during load, again and again, each time after another
// while. Every call that was acknowledged must be there exactly once after the restart, and no call twice.
func TestAcknowledgedCallsSurviveKill(t *testing.T) {
	s := survive(t, 20, 3)
	l := &load{sent: map[string]bool{}, acked: map[string]bool{}}
	for round := range s.rounds {
		l.check(t, s.child)
		stop := make(chan struct{})
		var senders sync.WaitGroup
		for sender := range 4 {
			own := rand.New(rand.NewPCG(s.seed, uint64(round*10+sender+1)))
			senders.Go(func() { l.send(t, s.child, own, fmt.Sprintf("r%02d-s%d", round, sender), stop) })
		}
		s.wait(250 * time.Millisecond)
		s.kill()
		close(stop)
		senders.Wait()
		t.Logf("%d acknowledged in all", len(l.acked))
		s.child = startChild(t, s.dir)
	}
	l.check(t, s.child)
	if len(l.acked) == 0 {
		t.Error("no call was ever acknowledged; the test tests nothing")
	}
	checkAnalysed(t, s.child)
	s.kill()
}

// checkAnalysed waits until nothing is left to analyse. No conversation may lack its analysis then, whenever
// the server died between noting it, storing it and analysing it.
func checkAnalysed(t *testing.T, s *child) {
	t.Helper()
	await(t, 2*time.Minute, func() string {
		var status struct {
			Pipeline struct {
				AnalysisWaiting int `json:"analysis_waiting"`
			}
		}
		s.ask(t, http.MethodGet, "status", nil, &status)
		return left(status.Pipeline.AnalysisWaiting, "conversations to be analysed")
	})
	for path, want := range map[string]bool{"conversations?filter=analysis_version:exists&limit=1": true, "conversations?filter=!analysis_version:exists&limit=1": false} {
		var list struct{ Total int64 }
		s.ask(t, http.MethodGet, path, nil, &list)
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
func (l *load) send(t *testing.T, c *child, rng *rand.Rand, name string, stop <-chan struct{}) {
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
		req, err := c.batch(calls)
		if err != nil {
			t.Error(err)
			return
		}
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
	s.settle(t)
	stored := s.stored(t)
	for id := range l.acked {
		if len(stored[id]) != 1 {
			t.Errorf("acknowledged call %s is there %d times", id, len(stored[id]))
		}
	}
	for id, times := range stored {
		if len(times) != 1 || !l.sent[id] {
			t.Errorf("event %s is there %d times, was sent: %t", id, len(times), l.sent[id])
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

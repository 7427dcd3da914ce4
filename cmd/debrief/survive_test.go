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

// survival is a test that kills the server again and again, each time after another while.
type survival struct {
	*child
	t      *testing.T
	dir    string
	rounds int
	seed   uint64
	rng    *rand.Rand
	killed int
}

// survive starts a server of an empty directory, for as many rounds as the test has time for. Who calls it ends the
// last server with kill.
func survive(t *testing.T, rounds, short int) *survival {
	t.Helper()
	if testing.Short() {
		rounds = short
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &survival{t: t, dir: filepath.Join(t.TempDir(), "data"), rounds: rounds, seed: seed, rng: rand.New(rand.NewPCG(seed, 0))}
	s.child = startChild(t, s.dir)
	return s
}

// wait passes a random while, to be killed after.
func (s *survival) wait(most time.Duration) {
	delay := time.Duration(s.rng.Int64N(int64(most)))
	<-time.After(delay)
	s.killed++
	s.t.Logf("kill %d after %v", s.killed, delay)
}

// restart kills the server as a crash does, and starts another.
func (s *survival) restart() {
	s.t.Helper()
	s.child.kill(s.t)
	s.child = startChild(s.t, s.dir)
}

func (s *survival) kill() { s.child.kill(s.t) }

// patient is how tests ask: a server that does not answer fails them.
var patient = &http.Client{Timeout: time.Minute}

// ask asks the API.
func (c *child) ask(t *testing.T, method, path string, in, into any) {
	t.Helper()
	if err := c.api().do(t.Context(), method, path, in, into); err != nil {
		t.Fatal(err)
	}
}

func (c *child) api() *apiClient {
	return &apiClient{server: c.url, token: childToken, http: patient}
}

// settle waits until everything acknowledged is in the figures.
func (c *child) settle(t *testing.T) {
	t.Helper()
	if err := awaitSettled(c.api()); err != nil {
		t.Fatal(err)
	}
}

// batch is a request with calls.
func (c *child) batch(calls []string) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, c.url+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(calls, ",")+`]}`))
	if err == nil {
		req.SetBasicAuth(childKey, "")
	}
	return req, err
}

// send sends calls, which must be acknowledged.
func (c *child) send(t *testing.T, calls []string) {
	t.Helper()
	req, err := c.batch(calls)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := patient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("send: %s", resp.Status)
	}
}

// stored returns when the rows of each event id were received.
func (c *child) stored(t *testing.T) map[string][]time.Time {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, c.url+"/api/v1/export/events?format=jsonl", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+childToken)
	resp, err := patient.Do(req)
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

// await asks until nothing is left, and fails with what is when time is over: "3 calls to arrive".
func await(t *testing.T, within time.Duration, ask func() (left string)) {
	t.Helper()
	if left := awaitNothing(within, ask); left != "" {
		t.Fatalf("waited %v for %s", within, left)
	}
}

func awaitNothing(within time.Duration, ask func() (left string)) (left string) {
	for deadline := time.Now().Add(within); ; <-time.After(20 * time.Millisecond) {
		if left = ask(); left == "" || time.Now().After(deadline) {
			return left
		}
	}
}

// left is so many of something that is waited for; nothing if there are none.
func left(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n, " ", what)
}

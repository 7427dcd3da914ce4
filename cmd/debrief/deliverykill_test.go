package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// arrivals is a webhook's receiver that fails now and then, and remembers first arrivals by person.
type arrivals struct {
	mu     sync.Mutex
	rng    *rand.Rand
	seen   map[string]int
	people map[string][]string
}

// ServeHTTP implements http.Handler.
func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct{ MessageID, UserID string }
	err := json.NewDecoder(r.Body).Decode(&call)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch x := a.rng.Float64(); {
	case err != nil || x < 0.05:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case x < 0.06:
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	if a.seen[call.MessageID]++; a.seen[call.MessageID] == 1 {
		a.people[call.UserID] = append(a.people[call.UserID], call.MessageID)
	}
}

func (a *arrivals) missing(ids []string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, id := range ids {
		if a.seen[id] == 0 {
			n++
		}
	}
	return n
}

// TestDeliveriesSurviveKill kills the server while it delivers, again and again. Every call that was acknowledged
// must arrive at least once, those of a person for the first time in their order.
func TestDeliveriesSurviveKill(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	place := &arrivals{rng: rand.New(rand.NewPCG(seed, 1)), seen: map[string]int{}, people: map[string][]string{}}
	receiver := httptest.NewServer(place)
	defer receiver.Close()
	dir := filepath.Join(t.TempDir(), "data")
	people := map[string][]string{}
	var acked []string
	for round := range rounds + 1 {
		s := startChild(t, dir)
		if round == 0 {
			api := &apiClient{server: s.url, token: childToken, http: http.DefaultClient}
			if err := api.do(t.Context(), http.MethodPost, "destinations", map[string]any{"name": "hook", "kind": "webhook", "settings": map[string]string{"url": receiver.URL}}, nil); err != nil {
				t.Fatal(err)
			}
		}
		for request := range 40 {
			var calls []string
			ids := map[string][]string{}
			for i := range 1 + rng.IntN(20) {
				id, person := fmt.Sprintf("round-%02d-request-%02d-call-%02d", round, request, i), fmt.Sprint("person ", rng.IntN(5))
				calls = append(calls, fmt.Sprintf(`{"type":"track","messageId":%q,"userId":%q,"event":"Message Sent"}`, id, person))
				ids[person] = append(ids[person], id)
			}
			req, err := http.NewRequest(http.MethodPost, s.url+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(calls, ",")+`]}`))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(childKey, "")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			for person, list := range ids {
				people[person] = append(people[person], list...)
				acked = append(acked, list...)
			}
		}
		if round < rounds {
			<-time.After(time.Duration(rng.IntN(1500)) * time.Millisecond)
			t.Logf("round %d: killed with %d of %d to be delivered", round, place.missing(acked), len(acked))
			s.kill(t)
			continue
		}
		for deadline := time.Now().Add(2 * time.Minute); place.missing(acked) > 0; <-time.After(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d calls did not arrive", place.missing(acked), len(acked))
			}
		}
		s.kill(t)
	}
	repeated := 0
	for _, n := range place.seen {
		repeated += n - 1
	}
	t.Logf("%d calls, %d arrivals more than needed", len(acked), repeated)
	for person, want := range people {
		if got := place.people[person]; !slices.Equal(got, want) {
			t.Errorf("%s: first arrivals in the order %q, want %q", person, got, want)
		}
	}
}

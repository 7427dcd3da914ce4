package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
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
	s := survive(t, 6, 2)
	place := &arrivals{rng: rand.New(rand.NewPCG(s.seed, 1)), seen: map[string]int{}, people: map[string][]string{}}
	receiver := httptest.NewServer(place)
	defer receiver.Close()
	s.ask(t, http.MethodPost, "destinations", map[string]any{"name": "hook", "kind": "webhook", "settings": map[string]string{"url": receiver.URL}}, nil)
	people := map[string][]string{}
	var acked []string
	for round := range s.rounds + 1 {
		if round > 0 {
			s.wait(1500 * time.Millisecond)
			t.Logf("%d of %d are to be delivered", place.missing(acked), len(acked))
			s.restart()
		}
		for request := range 40 {
			var calls []string
			for i := range 1 + s.rng.IntN(20) {
				id, person := fmt.Sprintf("round-%02d-request-%02d-call-%02d", round, request, i), fmt.Sprint("person ", s.rng.IntN(5))
				calls = append(calls, fmt.Sprintf(`{"type":"track","messageId":%q,"userId":%q,"event":"Message Sent"}`, id, person))
				people[person], acked = append(people[person], id), append(acked, id)
			}
			s.send(t, calls)
		}
	}
	await(t, 2*time.Minute, func() string { return left(place.missing(acked), "calls to arrive") })
	s.kill()
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

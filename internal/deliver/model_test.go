package deliver

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// A place and a function that fail at random, for moments and for hours, and a server that is restarted meanwhile: the model is the
// list of what was logged. Everything arrives at least once unless the place refused it for good, and each
// person's calls arrive for the first time in their order.
func TestRandomFaultsLoseNothingAndKeepOrder(t *testing.T) {
	for range 5 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Logf("seed %d", seed)
			synctest.Test(t, func(t *testing.T) { randomFaults(t, rand.New(rand.NewPCG(seed, 5))) })
		})
	}
}

func randomFaults(t *testing.T, rng *rand.Rand) {
	p, calm := newPlace("shop"), newPlace("calm")
	p.batch = destination.Batch{Messages: 1 + rng.IntN(8), Parallel: 1 + rng.IntN(4), Wait: time.Duration(rng.IntN(2)) * time.Second}
	r := newRig(t, p, calm)
	r.config.Window = 20 + rng.IntN(200)
	r.config.Backoff, r.config.MaxBackoff = 100*time.Millisecond, time.Minute
	defer func() { r.stop(); _ = r.meta.Close() }()
	moods := rand.New(rand.NewPCG(rng.Uint64(), 2)) // used under the function's lock
	r.config.Inserter = &moody{fails: func(json.RawMessage) bool { return moods.Float64() < 0.1 }}
	r.start()
	id := r.add(p, Rules{RetryHours: 24, Functions: []string{"moody"}})
	r.add(calm, Rules{})
	refused := map[string]bool{}
	faults := rand.New(rand.NewPCG(rng.Uint64(), 1)) // used under the place's lock
	weather := func(bad float64) func(*destination.Message) destination.Result {
		return func(m *destination.Message) destination.Result {
			switch x := faults.Float64(); {
			case refused[m.ID]: // for good, also when the answer came too late to count
				return destination.Result{Err: &destination.Discarded{Code: "400"}}
			case x < bad*0.5:
				return destination.Result{Err: errors.New("500")}
			case x < bad*0.9:
				return destination.Result{Err: destination.ErrUnavailable, RetryAfter: time.Duration(faults.IntN(3)) * time.Second}
			case x < bad*0.95:
				refused[m.ID] = true
				return destination.Result{Err: &destination.Discarded{Code: "400"}}
			}
			return destination.Result{}
		}
	}
	p.says(weather(0))
	people := map[string][]string{}
	var all []string
	for range 60 {
		switch rng.IntN(8) {
		case 0:
			p.says(down)
		case 1:
			r.stop()
			r.start()
		case 2:
			p.says(weather(0.9))
		default:
			p.says(weather(0.3 * rng.Float64()))
		}
		for range rng.IntN(4) {
			batch := make([]string, 1+rng.IntN(12))
			for i := range batch {
				batch[i] = fmt.Sprint("person ", rng.IntN(6))
			}
			ids := r.track(batch...)
			for i, person := range batch {
				people[person] = append(people[person], ids[i])
			}
			all = append(all, ids...)
		}
		time.Sleep(time.Duration(rng.ExpFloat64() * float64(5*time.Minute)))
	}
	p.says(weather(0))
	time.Sleep(3 * time.Hour)
	if once := calm.seen(); len(once) != len(all) {
		t.Errorf("the calm place got %d calls, want %d", len(once), len(all))
	}
	got := map[string]bool{}
	for _, id := range p.seen() {
		got[id] = true
	}
	for _, id := range all {
		if !got[id] && !refused[id] {
			t.Errorf("%s is lost", id)
		}
	}
	for person, ids := range people {
		if !slices.Equal(calm.of(person), ids) {
			t.Errorf("%s: the calm place got %q, want %q", person, calm.of(person), ids)
		}
		want := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !got[id] })
		if !slices.Equal(p.of(person), want) {
			t.Errorf("%s: first arrivals\n%q, want\n%q", person, p.of(person), want)
		}
	}
	if s := r.status(id); s.Waiting != 0 || s.InHand != 0 || s.Dead > int64(len(refused)) {
		t.Errorf("at the end: %+v; %d were refused", s, len(refused))
	}
}

package deliver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
)

// values are what is computed: a number for each person, by place.
type values struct {
	mu      sync.Mutex
	of      []int
	failing bool
}

func (v *values) set(person, to int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.of[person] = to
}

// CountNow implements Computed.
func (v *values) CountNow(context.Context, string) (int64, error) { return int64(len(v.of)), nil }

// Now implements Computed.
func (v *values) Now(_ context.Context, _, cursor string, limit int) (event.Request, string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	req := event.Request{Source: "computed", Protocol: "segment", ReceivedAt: time.Now()}
	if v.failing = !v.failing; v.failing {
		return req, "", errors.New("now and then")
	}
	from, err := strconv.Atoi(cmp.Or(cursor, "0"))
	if err != nil || from == len(v.of) {
		return req, "", err
	}
	until := min(len(v.of), from+limit)
	for i := from; i < until; i++ {
		req.Calls = append(req.Calls, v.call(i))
	}
	return req, strconv.Itoa(until), nil
}

func (v *values) call(person int) event.Raw {
	return raw(fmt.Sprintf("computed-%05d-%05d", person, v.of[person]), "identify", map[string]any{"userId": fmt.Sprint("p", person), "traits": map[string]any{"n": v.of[person]}})
}

func TestABackfillOfWhatIsComputedGoesOnAfterARestartAndEndsWithTheNewest(t *testing.T) {
	p, other := newPlace("shop"), newPlace("other")
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, p, other)
		r.config.Window = 700 // more than a page, less than two
		v := &values{of: make([]int, 1800)}
		r.config.Computed = v
		r.start()
		defer func() { r.stop(); _ = r.meta.Close() }()
		p.batch = destination.Batch{Messages: 100}
		id := r.add(p, Rules{})
		r.add(other, Rules{})
		p.says(down)
		b, err := r.BackfillComputed(t.Context(), id, "test")
		if err != nil || b.Total != 1800 || !b.Computed {
			t.Fatalf("backfill %+v, %v", b, err)
		}
		time.Sleep(time.Minute) // two pages are in hand
		for _, person := range []int{3, 900, 1700} {
			v.set(person, 1)
			r.append(event.Request{Source: "computed", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{v.call(person)}})
		}
		r.stop()
		r.start()
		p.says(nil)
		time.Sleep(20 * time.Minute)
		r.stop()
		r.start()
		time.Sleep(time.Minute)
		all, err := r.meta.Backfills(t.Context(), id)
		if err != nil || len(all) != 1 || all[0].State != "done" || all[0].Done != 1800 {
			t.Errorf("backfills %+v, %v", all, err)
		}
		for i := range v.of {
			got := p.of(fmt.Sprint("p", i))
			if want := v.call(i).ID; len(got) == 0 || got[len(got)-1] != want {
				t.Errorf("person %d got %q, and has %s", i, got, want)
			}
		}
		if got := other.seen(); len(got) != 3 || slices.ContainsFunc(got, func(id string) bool { return id[len(id)-1] != '1' }) {
			t.Errorf("another destination got %q", got)
		}
	})
}

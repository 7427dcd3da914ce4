package pipeline

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestSubscribersSeeWhatIsStoredInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		p, stop := r.start()
		ctx, cancel := context.WithCancel(t.Context())
		items := p.Subscribe(ctx, 100)
		r.append(message(1), message(1), refused(2), message(3))
		settle()
		r.append(message(3), message(4))
		settle()
		cancel()
		synctest.Wait()
		var got []Item
		for item := range items {
			got = append(got, item)
		}
		if len(got) != 4 {
			t.Fatalf("%d items %+v, want 4", len(got), got)
		}
		for i, want := range []string{message(1).ID, message(3).ID, "", message(4).ID} {
			item := got[i]
			if item.Seq != uint64(i+1) || item.Missed != 0 {
				t.Errorf("item %d: seq %d, missed %d", i, item.Seq, item.Missed)
			}
			if want == "" {
				if item.Rejection == nil || item.Rejection.Code != "missing_event_name" || item.Event != nil {
					t.Errorf("item %d is %+v, want the rejection", i, item)
				}
				continue
			}
			if item.Event == nil || item.Event.ID != want || item.Event.Raw != nil || item.Event.Body == nil {
				t.Errorf("item %d is %+v, want event %s without its raw call", i, item.Event, want)
			}
		}
		_ = stop()
	})
}

func TestNothingIsToldBeforeItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.store.fail = 3
		p, stop := r.start()
		items := p.Subscribe(t.Context(), 10)
		r.append(message(1))
		synctest.Wait()
		if len(items) != 0 {
			t.Error("told although the store has failed")
		}
		settle()
		if len(items) != 1 {
			t.Errorf("%d items told after storing, want 1", len(items))
		}
		_ = stop()
	})
}

func TestASlowSubscriberIsToldWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		p, stop := r.start()
		slow, fast := p.Subscribe(t.Context(), 3), p.Subscribe(t.Context(), 1000)
		next := 0
		send := func(n int) {
			for range n {
				r.append(message(next))
				next++
			}
			settle()
		}
		send(10)
		seen, missed := uint64(0), uint64(0)
		drain := func() {
			for len(slow) > 0 {
				item := <-slow
				if item.Missed > 0 {
					missed += item.Missed
				} else if seen++; item.Seq != seen+missed {
					t.Errorf("seq %d after %d seen and %d missed", item.Seq, seen-1, missed)
				}
			}
		}
		drain()
		send(1)
		drain()
		if seen != 4 || missed != 7 {
			t.Errorf("slow subscriber saw %d and missed %d, want 4 and 7", seen, missed)
		}
		if len(fast) != 11 {
			t.Errorf("fast subscriber has %d items, want 11", len(fast))
		}
		_ = stop()
	})
}

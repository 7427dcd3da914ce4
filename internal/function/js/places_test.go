package js

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// However many runs of code loop at once, other code finds a place.
func TestSlowCodeLeavesPlacesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		p := newPlaces(4, time.Second)
		run := func(code string, took time.Duration) (waited time.Duration) {
			began := time.Now()
			leave, err := p.take(ctx, code)
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				return 0
			}
			waited = time.Since(began)
			time.Sleep(took)
			leave(took)
			return waited
		}
		for range 20 {
			go func() {
				for ctx.Err() == nil {
					run("loop", 5*time.Second)
				}
			}()
		}
		time.Sleep(11 * time.Second)
		for range 5 {
			if waited := run("good", time.Millisecond); waited > 0 {
				t.Errorf("it waited %v", waited)
			}
		}
		stop()
		synctest.Wait()
		time.Sleep(5 * time.Second)
		if len(p.all) != 0 || len(p.slow) != 0 {
			t.Errorf("%d and %d places are taken for ever", len(p.all), len(p.slow))
		}
	})
}

func TestCodeThatIsQuickAgainIsSlowNoMore(t *testing.T) {
	p := newPlaces(2, time.Second)
	f := func(took time.Duration, slow int) {
		t.Helper()
		leave, err := p.take(t.Context(), "code")
		if err != nil {
			t.Fatal(err)
		}
		if len(p.all) != 1 || len(p.slow) != slow {
			t.Errorf("it has %d and %d places, want 1 and %d", len(p.all), len(p.slow), slow)
		}
		leave(took)
	}
	f(2*time.Second, 0)
	f(time.Second, 1)
	f(time.Second, 0)
}

package due

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	step  = time.Second
	retry = 5 * time.Second
)

// run runs rounds, of which the nth returns what answer says of n, while during lasts, and returns when they began,
// since the start, and what was logged.
func run(t *testing.T, answer func(n int) (time.Duration, error), during func(*Rounds)) (began []time.Duration, logged string) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := New(Config{Step: step, Retry: retry, Fails: "it fails", Works: "it works", Logger: slog.New(slog.NewTextHandler(&log, nil))})
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- r.Run(ctx, func(context.Context) (time.Duration, error) {
				began = append(began, time.Since(start))
				return answer(len(began))
			})
		}()
		during(r)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		logged = log.String()
	})
	return began, logged
}

func every(wait time.Duration) func(int) (time.Duration, error) {
	return func(int) (time.Duration, error) { return wait, nil }
}

func TestRoundsComeWhenTheySay(t *testing.T) {
	f := func(wait time.Duration, want ...time.Duration) {
		t.Helper()
		began, _ := run(t, every(wait), func(*Rounds) { time.Sleep(10*time.Second + time.Millisecond) })
		if !slices.Equal(began[:min(len(began), len(want))], want) {
			t.Errorf("wait %v: rounds began at %v, want %v", wait, began, want)
		}
	}
	f(4*time.Second, 0, 4*time.Second, 8*time.Second)
	f(time.Minute, 0)
	f(step/20, 0, step/20, step/10)
}

// However often something comes, a round waits a step for more of it; and what came is not waited for longer.
func TestWhatComesIsGathered(t *testing.T) {
	began, _ := run(t, every(time.Minute), func(r *Rounds) {
		for range 100 {
			r.Wake()
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(2 * step)
	})
	if want := []time.Duration{0, step, 2 * step, 3 * step, 4 * step, 5 * step}; !slices.Equal(began, want) {
		t.Errorf("rounds began at %v, want %v", began, want)
	}
}

func TestErrorIsRetriedAndLoggedOnce(t *testing.T) {
	fails := func(n int) (time.Duration, error) {
		if n == 2 || n == 3 {
			return 0, errors.New("no disk")
		}
		return step, nil
	}
	began, logged := run(t, fails, func(r *Rounds) {
		time.Sleep(step + time.Millisecond)
		if r.Err() == nil {
			t.Error("a round failed and Err is nil")
		}
		time.Sleep(2 * retry)
		if err := r.Err(); err != nil {
			t.Errorf("rounds work again and Err is %v", err)
		}
	})
	if want := []time.Duration{0, step, step + retry, step + 2*retry}; !slices.Equal(began, want) {
		t.Errorf("rounds began at %v, want %v", began, want)
	}
	if strings.Count(logged, "it fails") != 1 || strings.Count(logged, "it works") != 1 || strings.Count(logged, "\n") != 2 {
		t.Errorf("logged\n%s", logged)
	}
}

// A round that is cut off by the end says so, which is no failure.
func TestEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(Config{Step: step, Retry: retry, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		err := r.Run(ctx, func(ctx context.Context) (time.Duration, error) {
			cancel()
			return 0, ctx.Err()
		})
		if err != nil || r.Err() != nil {
			t.Errorf("Run: %v, Err: %v", err, r.Err())
		}
	})
}

package js

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// places are those of runs. Code that was slow the last time has half of them at most: however much of it loops, or
// waits for dead hosts, others run. The zero value has none.
type places struct {
	all, slow chan struct{}
	// patience is what a run may take, not to be slow.
	patience time.Duration

	mu    sync.Mutex
	known map[codeSum]bool // that are slow
}

// codeSum names code.
type codeSum [sha256.Size]byte

// maxKnown bounds what is remembered of slow code; beyond it all is forgotten, and found out again.
const maxKnown = 10_000

func newPlaces(n int, patience time.Duration) *places {
	return &places{all: make(chan struct{}, n), slow: make(chan struct{}, max(n/2, 1)), patience: patience, known: map[codeSum]bool{}}
}

// take waits for a place, until ctx ends. leave gives it back, and says how long the run took.
func (p *places) take(ctx context.Context, code string) (leave func(took time.Duration), err error) {
	sum := sha256.Sum256([]byte(code))
	wary := p.isSlow(sum)
	for {
		if wary {
			if err := enter(ctx, p.slow); err != nil {
				return nil, err
			}
		}
		if err := enter(ctx, p.all); err != nil {
			if wary {
				<-p.slow
			}
			return nil, err
		}
		if wary || !p.isSlow(sum) {
			break
		}
		<-p.all // it has turned out to be slow while this one waited
		wary = true
	}
	return func(took time.Duration) {
		<-p.all
		if wary {
			<-p.slow
		}
		p.note(sum, took > p.patience)
	}, nil
}

func enter(ctx context.Context, room chan struct{}) error {
	select {
	case room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *places) isSlow(sum codeSum) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[sum]
}

func (p *places) note(sum codeSum, slow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slow {
		delete(p.known, sum)
		return
	}
	if len(p.known) >= maxKnown {
		clear(p.known)
	}
	p.known[sum] = true
}

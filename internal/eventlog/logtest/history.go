package logtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

var historyLaws = []law{
	{name: "random histories keep what was acknowledged", test: histories},
}

// history is a log under random treatment, and what must be and may be in it.
type history struct {
	t      *testing.T
	m      Medium
	log    eventlog.Log
	rand   *rand.Rand
	acked  []stored        // in order
	unsure map[string]bool // data of appends that failed in a way that may leave them there
	last   eventlog.Position
	serial int
	steps  []string
}

func histories(t *testing.T, m Medium) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := &history{t: t, m: m, log: open(t, m), rand: rand.New(rand.NewPCG(seed, 0)), unsure: map[string]bool{}}
	defer func() {
		if t.Failed() {
			t.Logf("steps: %v", h.steps)
		}
	}()
	actions := []struct {
		name   string
		weight int
		do     func()
	}{
		{"append", 50, h.appendOne}, {"together", 15, h.appendTogether}, {"trim", 6, h.trim},
		{"reopen", 4, h.reopen}, {"crash", 8, h.crash}, {"fail", 3, h.fail}, {"fill", 5, h.fill},
	}
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	for range 300 {
		n := h.rand.IntN(total)
		for _, a := range actions {
			if n -= a.weight; n < 0 {
				h.steps = append(h.steps, a.name)
				a.do()
				break
			}
		}
		h.check()
	}
}

// data makes a record that no other equals.
func (h *history) data() string {
	h.serial++
	size := h.rand.IntN(200)
	if h.rand.IntN(10) == 0 {
		size = h.rand.IntN(20_000)
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(h.rand.IntN(3)) // many zeros
	}
	return fmt.Sprintf("%d:%s", h.serial, b)
}

// note books how an append ended.
func (h *history) note(o outcome, mayFail bool) {
	h.t.Helper()
	switch {
	case o.err == nil:
		h.acked = append(h.acked, o.stored)
	case !mayFail:
		h.t.Fatalf("append %s: %v", short(o.data), o.err)
	case !errors.Is(o.err, eventlog.ErrFull): // of a refused record nothing is kept
		h.unsure[o.data] = true
	}
}

func (h *history) appendOne() { h.note(<-appendAsync(h.t.Context(), h.log, h.data()), false) }

func (h *history) appendTogether() { h.together(false) }

func (h *history) together(mayFail bool) {
	var pending []<-chan outcome
	for range 1 + h.rand.IntN(20) {
		pending = append(pending, appendAsync(h.t.Context(), h.log, h.data()))
	}
	for _, p := range pending {
		h.note(<-p, mayFail)
	}
}

func (h *history) trim() {
	if len(h.acked) > 0 {
		trim(h.t, h.log, h.acked[h.rand.IntN(len(h.acked))].position)
	}
}

func (h *history) reopen() { h.log = reopen(h.t, h.m, h.log) }

// crash crashes the log while appends are under way.
func (h *history) crash() {
	release := h.m.Hold()
	var pending []<-chan outcome
	for range h.rand.IntN(10) {
		pending = append(pending, appendAsync(h.t.Context(), h.log, h.data()))
	}
	h.m.Crash()
	release()
	for _, p := range pending {
		h.note(<-p, true)
	}
	h.log.Close()
	h.log = open(h.t, h.m)
}

func (h *history) fail() {
	h.m.Fail(true)
	h.together(true)
	h.m.Fail(false)
	h.log.Close()
	h.log = open(h.t, h.m)
}

func (h *history) fill() {
	h.m.Fill(true)
	h.together(true)
	if h.rand.IntN(2) == 0 {
		h.log.Close()
		h.log = open(h.t, h.m)
	}
	h.m.Fill(false)
}

// check compares the log with what must and may be in it.
func (h *history) check() {
	h.t.Helper()
	before, last := h.log.Bounds()
	if last < h.last {
		h.t.Fatalf("last position went from %d back to %d", h.last, last)
	}
	h.last = last
	found := map[eventlog.Position]string{}
	previous := before
	for _, r := range readAll(h.t, h.log.Reader(before)) {
		if r.position <= previous || r.position > last {
			h.t.Fatalf("position %d after %d, with bounds (%d, %d)", r.position, previous, before, last)
		}
		previous = r.position
		found[r.position] = r.data
	}
	for _, a := range h.acked {
		if a.position <= before {
			continue
		}
		if found[a.position] != a.data {
			h.t.Fatalf("position %d holds %s, want %s", a.position, short(found[a.position]), short(a.data))
		}
		delete(found, a.position)
	}
	for pos, data := range found {
		if !h.unsure[data] {
			h.t.Fatalf("position %d holds %s, which was refused or never appended", pos, short(data))
		}
	}
}

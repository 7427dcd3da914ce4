package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/screeb"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// rig is a pipeline between a log and a store in memory, inside a bubble of package synctest.
type rig struct {
	t       *testing.T
	log     *memlog.Log
	store   *flaky
	tallies *ledger
	config  Config
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, log: memlog.New(0), store: &flaky{Store: memstore.New()}, tallies: &ledger{}}
	r.config = Config{
		Workspace: "default", Log: lending{r.log}, Store: r.store, Tallies: r.tallies,
		Vocabularies: []vocab.Vocabulary{panicking{}, screeb.Vocabulary{}, segment.Vocabulary{}},
	}
	return r
}

// start runs a pipeline; stop ends it and returns what Run returned.
func (r *rig) start() (p *Pipeline, stop func() error) {
	r.t.Helper()
	p, err := New(r.config)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return p, func() error {
		cancel()
		return <-done
	}
}

// append logs one request of these calls.
func (r *rig) append(calls ...event.Raw) eventlog.Position {
	r.t.Helper()
	pos, err := r.log.Append(r.t.Context(), event.AppendRequest(nil, &event.Request{
		Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Now(), Calls: calls,
	}))
	if err != nil {
		r.t.Fatal(err)
	}
	return pos
}

// message is a track call with an id of its own.
func message(n int) event.Raw {
	return event.Raw{
		ID: fmt.Sprintf("call-with-a-long-id-%06d", n), Type: "track",
		JSON: fmt.Appendf(nil, `{"type":"track","userId":"u%d","event":"Message Sent","properties":{"conversationId":"c%d","messageId":"m%d","message_body":"Hi %d","role":"user"}}`, n%7, n%5, n, n),
	}
}

// named is a track call of a name.
func named(n int, name string) event.Raw {
	raw := message(n)
	raw.JSON = fmt.Appendf(nil, `{"type":"track","userId":"u","event":%q}`, name)
	return raw
}

func refused(n int) event.Raw {
	raw := message(n)
	raw.Reject = &event.Reject{Code: "missing_event_name", Message: "a track call needs an event name"}
	return raw
}

// rows returns what is stored, by id.
func (r *rig) rows() map[string]*event.Event {
	r.t.Helper()
	out := map[string]*event.Event{}
	for e, err := range r.store.Events(context.Background(), query.List{Grain: query.Events, Raw: true}) {
		if err != nil {
			r.t.Fatal(err)
		}
		out[e.ID] = e
	}
	return out
}

// settle lets the pipeline do all that it can do now and in the next hour.
func settle() {
	synctest.Wait()
	time.Sleep(time.Hour) // of the bubble's clock
	synctest.Wait()
}

// lending is a log that lends each record only until the next call, as the contract says.
type lending struct{ *memlog.Log }

func (l lending) Reader(after eventlog.Position) eventlog.Reader {
	return &lender{Reader: l.Log.Reader(after)}
}

type lender struct {
	eventlog.Reader
	lent []byte
}

func (l *lender) lend(rec eventlog.Record) eventlog.Record {
	clear(l.lent)
	l.lent = append(l.lent[:0], rec.Data...)
	rec.Data = l.lent
	return rec
}

func (l *lender) Next(ctx context.Context) (eventlog.Record, error) {
	rec, err := l.Reader.Next(ctx)
	return l.lend(rec), err
}

func (l *lender) TryNext() (eventlog.Record, bool, error) {
	rec, ok, err := l.Reader.TryNext()
	return l.lend(rec), ok, err
}

// flaky is a store that fails when told to.
type flaky struct {
	*memstore.Store
	mu     sync.Mutex
	fail   int  // so many writes
	lost   bool // a failing write is done all the same: its answer is lost
	writes []write
}

type write struct {
	at   time.Time
	rows int
}

var errDisk = errors.New("disk is gone")

func (f *flaky) Write(ctx context.Context, b *eventstore.Batch) (eventstore.Written, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	failing := f.fail > 0
	if failing {
		f.fail--
	}
	if failing && !f.lost {
		return eventstore.Written{}, errDisk
	}
	w, err := f.Store.Write(ctx, b)
	if failing {
		return eventstore.Written{}, errDisk
	}
	f.writes = append(f.writes, write{time.Now(), len(b.Puts)})
	return w, err
}

// ledger keeps tallies as the metadata store does.
type ledger struct {
	mu         sync.Mutex
	fail       int
	at         uint64
	counts     map[Outcome]map[string]int64
	rejections []Rejection
	violations []ViolationCount
	duplicates []DuplicateCount
}

func (l *ledger) Tallied(context.Context, string) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at, nil
}

func (l *ledger) AddTally(_ context.Context, t Tally) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail > 0 {
		l.fail--
		return errDisk
	}
	if t.Position <= l.at {
		return nil
	}
	l.at = t.Position
	if l.counts == nil {
		l.counts = map[Outcome]map[string]int64{}
	}
	for _, c := range t.Counts {
		if l.counts[c.Outcome] == nil {
			l.counts[c.Outcome] = map[string]int64{}
		}
		l.counts[c.Outcome][c.Code] += c.N
	}
	l.violations = append(l.violations, t.Violations...)
	l.duplicates = append(l.duplicates, t.Duplicates...)
	for _, r := range t.Rejections {
		r.Call = slices.Clone(r.Call)
		l.rejections = append(l.rejections, r)
	}
	return nil
}

func (l *ledger) count(o Outcome, code string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[o][code]
}

func (l *ledger) violated() []ViolationCount {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.violations)
}

func (l *ledger) repeated() []DuplicateCount {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.duplicates)
}

func (l *ledger) rejected() []Rejection {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.rejections)
}

// panicking is a vocabulary with a bug.
type panicking struct{ segment.Vocabulary }

func (panicking) Claims(c *vocab.Call) bool { return c.Name == "Poison" }
func (panicking) Map(c *vocab.Call)         { panic("poisoned by " + c.Name) }

func sameIDs(t *testing.T, got map[string]*event.Event, want []string) {
	t.Helper()
	ids := slices.Sorted(maps.Keys(got))
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("stored ids %v\nwant %v", ids, want)
	}
}

// Package derive joins the parts of traces, which come in any order and in different requests: it holds a
// trace back until it is likely complete, derives its turns by package trace, and writes what follows.
// What comes later is joined later, by deriving again. Likewise it finds the conversation of events that
// say none, by package link, takes ratings back, by package withdraw, and joins feedback that names a
// response alone with the call that made it.
//
// The event store is the memory: a trace is read from it whenever it is derived, so that order of
// arrival, resends and restarts do not matter. What is to be derived is remembered by [Marks], durably
// and before the rows are stored. Only package app imports it.
package derive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/due"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/trace"
)

// Store is what the deriver needs of an event store; every [eventstore.Store] is one.
type Store interface {
	eventstore.Reader
	eventstore.Writer
}

// Marks remember what is to be derived, and which conversations have had traces. The metadata store does.
type Marks interface {
	// Marks returns all marks.
	Marks(ctx context.Context) ([]Mark, error)
	// PutMarks adds marks, or replaces those of the same trace or conversation; all or nothing, durably.
	PutMarks(ctx context.Context, marks []Mark) error
	// RemoveMarks removes those of the marks that are stored exactly so: not those renewed since.
	RemoveMarks(ctx context.Context, marks []Mark) error
	// TracedConversations returns the conversations that were added, the newest last.
	TracedConversations(ctx context.Context) ([]string, error)
	// AddTracedConversations adds conversations durably.
	AddTracedConversations(ctx context.Context, ids []string) error
}

// Mark says that a trace is to be derived, or the traces of a conversation around some time, or that the
// events of a session around some time are to be linked: one of Trace, Conversation and Session is set.
// Session is the text of a [link.Group].
type Mark struct {
	Trace, Conversation, Session string

	// Position is how far the log must be stored before it is done.
	Position uint64
	// Due is when, by the server's clock.
	Due time.Time
	// From and Until span the times of the rows that led to it.
	From, Until time.Time
	// Root says that the trace's first span has come.
	Root bool
}

// Config says how a [Deriver] works. Store and Marks are required.
type Config struct {
	Store Store
	Marks Marks
	// Trace derives one trace.
	Trace trace.Deriver
	// Price sets what a model call cost on its row, once it is known which calls count; nil: nobody knows.
	Price func(e *event.Event)
	// HoldBack is how long a trace whose root has come waits for the rest; default 5 s. Quiet is how long
	// any other waits after its last part; default 60 s.
	HoldBack, Quiet time.Duration
	// Retry is the wait after an error; default 5 s.
	Retry time.Duration
	// Note is told of rows before they are stored or taken back, of those that become another's as they were, too, and
	// remembers durably what that changes. Unless it fails, what it returns is called when the rows are stored, or
	// failed to be. Nil: nobody is told.
	Note func(ctx context.Context, rows []*event.Event) (done func(), err error)
	// Stored is told of derived rows, once they are stored; nil: of none. It keeps nothing of them.
	Stored func(rows []*event.Event)

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

func (c Config) withDefaults() Config {
	c.HoldBack, c.Quiet = cmp.Or(c.HoldBack, 5*time.Second), cmp.Or(c.Quiet, time.Minute)
	c.Retry = cmp.Or(c.Retry, 5*time.Second)
	if c.Price == nil {
		c.Price = func(*event.Event) {}
	}
	if c.Note == nil {
		c.Note = func(context.Context, []*event.Event) (func(), error) { return func() {}, nil }
	}
	if c.Stored == nil {
		c.Stored = func([]*event.Event) {}
	}
	c.Metrics, c.Logger = cmp.Or(c.Metrics, metrics.NewSet()), cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Deriver derives the traces of one workspace, and links its events. Its methods may be called from any goroutine.
type Deriver struct {
	config Config
	rounds *due.Rounds
	meters meters

	mu     sync.Mutex
	marks  map[string]Mark   // by key
	linked map[string]linked // sessions whose events were linked, by the key of their mark
	// sessions is how many marks are of sessions.
	sessions int
	traced   map[string]bool // conversations that have had traces
	// underway are the conversations with messages of clients that may not be stored yet, and the position
	// of the log that they are stored with: those of the last Note, since all before it are stored, and
	// while passing is set, those of every Note since.
	underway map[string]uint64
	passing  bool
	// ratings are the marked conversations whose ratings are to be looked at.
	ratings map[string]bool
	// verdicts are those of responses whose trace is not known, by response; recalled says that it has
	// those of before.
	verdicts map[string]verdict
	recalled bool
	revision int64
}

// Open returns a deriver that knows what was to be derived when it was last stopped. Run must run.
func Open(ctx context.Context, c Config) (*Deriver, error) {
	if c.Store == nil || c.Marks == nil {
		return nil, errors.New("deriver needs Store and Marks")
	}
	if c.HoldBack < 0 || c.Quiet < 0 || c.Retry < 0 {
		return nil, errors.New("deriver has a negative wait")
	}
	c = c.withDefaults()
	d := &Deriver{config: c, rounds: due.New(due.Config{
		Step: step, Retry: c.Retry, Fails: "traces cannot be derived", Works: "traces are derived again", Logger: c.Logger,
	}), marks: map[string]Mark{}, linked: map[string]linked{}, traced: map[string]bool{}, underway: map[string]uint64{}, ratings: map[string]bool{}, verdicts: map[string]verdict{}}
	d.meters = newMeters(d)
	marks, err := c.Marks.Marks(ctx)
	if err != nil {
		return nil, fmt.Errorf("read marks of traces: %w", err)
	}
	for _, m := range marks {
		d.setMark(m)
		if m.Conversation != "" {
			d.ratings[m.Conversation] = true // it may be why
		}
	}
	conversations, err := c.Marks.TracedConversations(ctx)
	if err != nil {
		return nil, fmt.Errorf("read traced conversations: %w", err)
	}
	for _, id := range conversations {
		d.traced[id] = true
	}
	return d, nil
}

// key tells marks apart.
func (m *Mark) key() string {
	switch {
	case m.Trace != "":
		return "t" + m.Trace
	case m.Session != "":
		return "s" + m.Session
	}
	return "c" + m.Conversation
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (d *Deriver) Err() error { return d.rounds.Err() }

// Waiting returns how many traces, conversations, sessions and verdicts wait to be derived.
func (d *Deriver) Waiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.marks) - len(d.linked) + d.unasked()
}

// meters are what operators watch.
type meters struct {
	derived, rows, retracted, merged, linked *metrics.Counter
}

func newMeters(d *Deriver) meters {
	set := d.config.Metrics
	set.NewGauge("debrief_derive_waiting", func() float64 { return float64(d.Waiting()) })
	return meters{
		derived:   set.NewCounter("debrief_derive_traces_total"),
		rows:      set.NewCounter("debrief_derive_rows_written_total"),
		retracted: set.NewCounter("debrief_derive_rows_retracted_total"),
		merged:    set.NewCounter("debrief_derive_messages_merged_total"),
		linked:    set.NewCounter("debrief_derive_events_linked_total"),
	}
}

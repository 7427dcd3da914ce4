// Package topic keeps the topics of a workspace: it finds them by package enrich/topics once there is enough to
// go by, assigns conversations to them within seconds, finds them anew in the background when what people talk
// about may have changed, and keeps what people decided of them: names, merges, pins, exclusions. It alone
// writes which topic a conversation has.
//
// The model is a file of the data directory, with a format version; it can be made anew from the event store at
// any time. Only package app imports it.
package topic

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
	"github.com/debrief-dev/debrief/internal/enrich/topics"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// Other is the topic of conversations that are far from all topics, or whose topic is excluded. Conversations
// without a topic were not looked at yet, or have no words of a user.
const Other = "other"

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("no such topic")
	ErrInvalid  = errors.New("invalid change of a topic")
)

// Store is what topics need of an event store; every [eventstore.Store] is one.
type Store interface {
	eventstore.Reader
	eventstore.Writer
}

// Decision is what people decided of a topic.
type Decision struct {
	ID         string
	Name       string // "": the name found
	Pinned     bool   // stays, also if it is not found again
	Excluded   bool   // its conversations have topic Other
	MergedInto string // its conversations belong to this one; "": to itself
}

// Decisions keep what people decided. The metadata store does.
type Decisions interface {
	// Decisions returns all.
	Decisions(ctx context.Context) ([]Decision, error)
	// PutDecisions stores some, all or nothing.
	PutDecisions(ctx context.Context, some []Decision) error
}

// Config says how [Topics] work. Store, Decisions and Path are required.
type Config struct {
	Store     Store
	Decisions Decisions
	Path      string // of the model
	// Fewest is how many conversations with words of a user there are at least when topics are first found;
	// default 50.
	Fewest int
	// Newest bounds the conversations that topics are found in; default 20,000.
	Newest int
	// Every is how often topics are found anew at most, unless there are Growth times as many conversations;
	// default a day, and 1.5.
	Every  time.Duration
	Growth float64
	// Assigned is told of conversations whose topic was written; an error has them assigned again. Nil: nobody is.
	Assigned func(ctx context.Context, conversations []string) error
	// Step is how long what came waits for more; default 1 s. Retry is the wait after an error; default 5 s.
	Step, Retry time.Duration

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

func (c Config) withDefaults() Config {
	c.Fewest, c.Newest = cmp.Or(c.Fewest, 50), cmp.Or(c.Newest, 20_000)
	c.Every, c.Growth = cmp.Or(c.Every, 24*time.Hour), cmp.Or(c.Growth, 1.5)
	c.Step, c.Retry = cmp.Or(c.Step, time.Second), cmp.Or(c.Retry, 5*time.Second)
	c.Metrics, c.Logger = cmp.Or(c.Metrics, metrics.NewSet()), cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Assigned == nil {
		c.Assigned = func(context.Context, []string) error { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Topics are those of one workspace. Methods may be called from any goroutine.
type Topics struct {
	config   Config
	rounds   *due.Rounds
	assigned *metrics.Counter
	// pass is held by whoever assigns or finds topics: Run, or a test.
	pass sync.Mutex

	mu        sync.Mutex
	model     *topics.Model
	about     about
	decisions map[string]Decision
	waiting   map[string]bool // conversations that something came in
	rewrites  []rewrite
	asked     bool // somebody wants topics to be found anew
	fitting   float64
	checked   time.Time // when it was last asked whether there is enough
}

// maxWaiting bounds the conversations that are remembered; of more, all without a topic are looked for.
const maxWaiting = 50_000

// Open returns topics as they were left. Run must run. A model that cannot be read is made anew.
func Open(ctx context.Context, c Config) (*Topics, error) {
	if c.Store == nil || c.Decisions == nil || c.Path == "" {
		return nil, errors.New("topics need Store, Decisions and Path")
	}
	c = c.withDefaults()
	t := &Topics{config: c, rounds: due.New(due.Config{
		Step: c.Step, Retry: c.Retry, Fails: "topics cannot be kept", Works: "topics are kept again", Logger: c.Logger,
	}), waiting: map[string]bool{}, fitting: -1, model: &topics.Model{}}
	t.assigned = t.config.Metrics.NewCounter("debrief_topics_assigned_total")
	t.config.Metrics.NewGauge("debrief_topics", func() float64 {
		t.mu.Lock()
		defer t.mu.Unlock()
		return float64(len(t.model.Topics))
	})
	if err := t.load(); err != nil {
		return nil, err
	}
	if err := t.reload(ctx); err != nil {
		return nil, err
	}
	if len(t.model.Topics) > 0 {
		kind := unassigned
		if !t.about.Written {
			kind = everything
		}
		t.rewrites = []rewrite{{what: kind}}
	}
	return t, nil
}

func (t *Topics) reload(ctx context.Context) error {
	all, err := t.config.Decisions.Decisions(ctx)
	if err != nil {
		return fmt.Errorf("read decisions on topics: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.decisions = map[string]Decision{}
	for _, d := range all {
		t.decisions[d.ID] = d
	}
	return nil
}

// Note says that something came in conversations, which is stored. They are assigned a moment later.
func (t *Topics) Note(conversations []string) {
	t.mu.Lock()
	for _, id := range conversations {
		if len(t.waiting) == maxWaiting {
			t.rewrites = append(t.rewrites, rewrite{what: unassigned})
			clear(t.waiting)
		}
		t.waiting[id] = true
	}
	t.mu.Unlock()
	t.rounds.Wake()
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (t *Topics) Err() error { return t.rounds.Err() }

// Run assigns conversations and finds topics until ctx ends, and returns nil then.
func (t *Topics) Run(ctx context.Context) error { return t.rounds.Run(ctx, t.round) }

// round does what is to be done and returns how long to wait for more.
func (t *Topics) round(ctx context.Context) (time.Duration, error) {
	more, err := t.Work(ctx)
	if more {
		return t.config.Step / 20, err // others want the store too
	}
	return time.Minute, err
}

// Work assigns what waits, rewrites some of what is to be rewritten, and finds topics if it is time to. It
// reports whether there is more to rewrite.
func (t *Topics) Work(ctx context.Context) (more bool, err error) {
	t.pass.Lock()
	defer t.pass.Unlock()
	if err := t.assignWaiting(ctx); err != nil {
		return false, err
	}
	if more, err := t.rewriteSome(ctx); more || err != nil {
		return more, err
	}
	return t.findAnew(ctx)
}

// Package analysis keeps what is concluded of conversations up to date: it remembers durably in which something
// came, before that is stored; reads them a moment later, many at once; lets package enrich look at their words
// and package signal judge their course; and writes what follows beside them in the event store. It looks again
// when time decides, when the same person comes back, and, in the background, at all of history when what it
// finds would be another: a new analyser, another threshold.
//
// An analysis is a function of the conversation's events, of when its person was there otherwise, and of the
// time: analysing again changes nothing, and a crash costs nothing. Only package app imports it.
package analysis

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
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

// Store is what the analysis needs of an event store; every [eventstore.Store] is one.
type Store interface {
	eventstore.Reader
	eventstore.Writer
}

// Analyser finds what is in words. [enrich.Analyser] is one.
type Analyser interface {
	Analyse(turns []enrich.Turn) enrich.Conversation
	// Explain says what is behind the scores of each turn, at most most reasons a score.
	Explain(turns []enrich.Turn, most int) []enrich.Reasons
}

// Marks remember what is to be analysed, durably. The metadata store does.
type Marks interface {
	// NoteConversations marks conversations in which something came: each is due quiet after now, but not later
	// than longest after its first mark since it was last settled.
	NoteConversations(ctx context.Context, ids []string, position uint64, now time.Time, quiet, longest time.Duration) error
	// DueConversations returns marks that are due and whose position is stored, the longest due first.
	DueConversations(ctx context.Context, now time.Time, cursor uint64, limit int) ([]Mark, error)
	// SettleConversations removes those of the marks that are stored exactly so, and adds others unless their
	// conversation has one that is due sooner or for a better reason; all or nothing.
	SettleConversations(ctx context.Context, done, add []Mark) error
	// WaitingConversations counts the marks that are not of time alone, and says when the next of all is due.
	WaitingConversations(ctx context.Context) (waiting int64, next time.Time, err error)

	// State is how far history is analysed, and what was learned; the zero value at first.
	State(ctx context.Context) (State, error)
	// SetProgress stores how far history is analysed for a version.
	SetProgress(ctx context.Context, target int64, cursor string, finished bool) error
	// SetLearned stores what was learned, and raises the generation if raise says so.
	SetLearned(ctx context.Context, learned string, raise bool) error
	// RaiseGeneration makes history be analysed again.
	RaiseGeneration(ctx context.Context) error

	// Settings returns what people changed of signals.
	Settings(ctx context.Context) (signal.Settings, error)
	// SetSetting stores what somebody changed of a signal, the zero value for nothing, and raises the generation.
	SetSetting(ctx context.Context, name string, s signal.Setting) error
}

// Class says why a conversation is to be analysed.
type Class int

// The classes of marks. A conversation has the best reason of those that it was marked for.
const (
	Came      Class = iota // something came
	Neighbour              // another conversation of the person came
	Time                   // time decides
)

// Mark says that a conversation is to be analysed.
type Mark struct {
	Conversation string
	Class        Class
	// Position is how far the log must be stored before.
	Position uint64
	// First is when it was first marked, and Due when it is to be done, by the server's clock.
	First, Due time.Time
}

// State is what is remembered of the analysis of a workspace.
type State struct {
	// Generation grows with each change of the workspace that makes history be analysed again.
	Generation int64
	// Target is the version that history is or was last analysed for, Cursor how far, Finished: all of it.
	Target   int64
	Cursor   string
	Finished bool
	Learned  string
}

// Config says how an [Analysis] works. Store, Marks and Analyser are required.
type Config struct {
	Store    Store
	Marks    Marks
	Analyser Analyser
	// Conversions returns conditions at the grain of events, of what counts as a conversion; nil: none.
	Conversions func(ctx context.Context) ([]*query.Filter, error)

	// Analysed is told of conversations in which something came, once they are analysed; nil: nobody is.
	Analysed func(conversations []string)
	// Written is told of all conversations whose analyses were stored, those of history among them; an error has
	// them analysed again. Nil: nobody is.
	Written func(ctx context.Context, conversations []string) error

	// Quiet is how long after its last event a conversation is looked at; default 2 s. Longest is how long after
	// the first at most; default 10 s.
	Quiet, Longest time.Duration
	// Retry is the wait after an error; default 5 s.
	Retry time.Duration
	// Rest is how long the work on history pauses, as a multiple of how long it worked; default 0.5.
	Rest float64

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

func (c Config) withDefaults() Config {
	c.Quiet, c.Longest = cmp.Or(c.Quiet, 2*time.Second), cmp.Or(c.Longest, 10*time.Second)
	c.Retry, c.Rest = cmp.Or(c.Retry, 5*time.Second), cmp.Or(c.Rest, 0.5)
	if c.Conversions == nil {
		c.Conversions = func(context.Context) ([]*query.Filter, error) { return nil, nil }
	}
	if c.Analysed == nil {
		c.Analysed = func([]string) {}
	}
	if c.Written == nil {
		c.Written = func(context.Context, []string) error { return nil }
	}
	c.Metrics, c.Logger = cmp.Or(c.Metrics, metrics.NewSet()), cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Analysis analyses the conversations of one workspace. Its methods may be called from any goroutine.
type Analysis struct {
	config Config
	rounds *due.Rounds
	meters meters
	seen   seen

	mu       sync.Mutex
	settings signal.Settings
	state    State
	learned  *Learned
	checked  time.Time // when it was last looked whether there is enough to learn from
	// pass is held by whoever analyses: Run, or a test.
	pass sync.Mutex
}

// Open returns an analysis that knows what was to be done when it was last stopped. Run must run.
func Open(ctx context.Context, c Config) (*Analysis, error) {
	if c.Store == nil || c.Marks == nil || c.Analyser == nil {
		return nil, errors.New("analysis needs Store, Marks and Analyser")
	}
	if c.Quiet < 0 || c.Longest < 0 || c.Retry < 0 || c.Rest < 0 {
		return nil, errors.New("analysis has a negative wait")
	}
	c = c.withDefaults()
	a := &Analysis{config: c, rounds: due.New(due.Config{
		Step: step, Retry: c.Retry, Fails: "conversations cannot be analysed", Works: "conversations are analysed again", Logger: c.Logger,
	})}
	if err := a.reload(ctx); err != nil {
		return nil, err
	}
	a.meters = newMeters(a)
	return a, nil
}

// reload reads what people changed, and how far history is.
func (a *Analysis) reload(ctx context.Context) error {
	settings, err := a.config.Marks.Settings(ctx)
	if err != nil {
		return fmt.Errorf("read settings of signals: %w", err)
	}
	state, err := a.config.Marks.State(ctx)
	if err != nil {
		return fmt.Errorf("read state of analysis: %w", err)
	}
	learned, err := parseLearned(state.Learned)
	if err != nil { // of another version: it is learned again
		a.config.Logger.Warn("what was learned from ratings cannot be read", slog.Any("error", err))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings, a.state, a.learned = settings, state, learned
	return nil
}

// Versions count in these steps: whatever an analyser, a signal or a workspace changes makes the version
// higher. Generations beyond a million begin anew, which nobody will see.
const (
	generations   = 1_000_000
	signalVersion = 1_000 // signals change less often
)

// Version combines the versions of analysers and signals with the generation of a workspace's settings.
func Version(generation int64) int64 {
	return (enrich.Version*signalVersion+signal.Version)*generations + generation%generations
}

// Version is that of the analyses that are made now.
func (a *Analysis) Version() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Version(a.state.Generation)
}

// Note remembers durably in which conversations something came, before the rows are stored at a position of the
// log; 0 for rows that are not of the log. It keeps nothing of them.
func (a *Analysis) Note(ctx context.Context, rows []*event.Event, position uint64) error {
	ids := map[string]bool{}
	var list []string
	for _, e := range rows {
		if e.ConversationID != "" && e.Tracked() && !ids[e.ConversationID] {
			ids[e.ConversationID] = true
			list = append(list, e.ConversationID)
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := a.config.Marks.NoteConversations(ctx, list, position, a.config.Now(), a.config.Quiet, a.config.Longest); err != nil {
		return fmt.Errorf("mark conversations to analyse: %w", err)
	}
	a.rounds.Wake()
	return nil
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (a *Analysis) Err() error { return a.rounds.Err() }

// meters are what operators watch.
type meters struct {
	analysed, again, failed *metrics.Counter
	messages                *metrics.Counter
	seconds, words          *metrics.FloatCounter
}

func newMeters(a *Analysis) meters {
	set := a.config.Metrics
	set.NewGauge("debrief_analysis_waiting", func() float64 {
		n, err := a.Waiting(context.Background())
		if err != nil {
			return -1
		}
		return float64(n)
	})
	return meters{
		analysed: set.NewCounter(`debrief_analysis_conversations_total{why="came"}`),
		again:    set.NewCounter(`debrief_analysis_conversations_total{why="again"}`),
		failed:   set.NewCounter("debrief_analysis_failed_total"),
		messages: set.NewCounter("debrief_analysis_messages_total"),
		seconds:  set.NewFloatCounter("debrief_analysis_seconds_total"),
		words:    set.NewFloatCounter("debrief_analysis_words_seconds_total"),
	}
}

// Waiting returns how many conversations wait to be analysed; not those that wait for their time, nor history.
func (a *Analysis) Waiting(ctx context.Context) (int64, error) {
	n, _, err := a.config.Marks.WaitingConversations(ctx)
	return n, err
}

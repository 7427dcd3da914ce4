// Package people keeps who is who up to date: it notes durably what calls say of ids, traits and accounts before
// their rows are stored; resolves what is touched by package identity; and tells the event store where the answer
// is another than that of rows alone, so that all figures follow. People's own decisions, merging and undoing, go
// the same way. What was stored before this package was there is taken up once, in the background.
//
// What is kept is in package profilestore. Only package app imports this package.
package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/due"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

var (
	// ErrNotFound is returned for an id or a merge that there is none of.
	ErrNotFound = errors.New("not found")
	// ErrInvalid wraps what is wrong with a request, in words for whoever sent it.
	ErrInvalid = errors.New("invalid")
)

// Store is what is needed of an event store; every [eventstore.Store] is one.
type Store interface {
	eventstore.Reader
	eventstore.Writer
}

// Config says how [People] work. Store and Profiles are required.
type Config struct {
	Store    Store
	Profiles *profilestore.Store
	// Touched is told of persons, by their keys, whose rows, ids or traits changed, once the event store knows and
	// Profiles keep them marked as stale; it may be told again of the same. Nil: nobody is, and none is marked.
	Touched func(persons []string)
	// Decided is told of persons, by their keys, whose ids are others than rows alone say, or were until now, once the
	// event store knows. An error makes it be told again. Nil: nobody is.
	Decided func(ctx context.Context, persons []string) error
	// Step is how long what came waits for more; default 500 ms. Retry is the wait after an error; default 5 s.
	Step, Retry time.Duration

	Metrics *metrics.Set     // nil: unseen
	Logger  *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

func (c Config) withDefaults() Config {
	if c.Step == 0 {
		c.Step = 500 * time.Millisecond
	}
	if c.Retry == 0 {
		c.Retry = 5 * time.Second
	}
	if c.Metrics == nil {
		c.Metrics = metrics.NewSet()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// People are those of one workspace. Methods may be called from any goroutine.
type People struct {
	config Config
	rounds *due.Rounds
	meters meters

	pass    sync.Mutex // held by whoever resolves or decides
	storing sync.Mutex // held while derived rows are noted and not stored yet, and while marks are settled; after pass

	mu        sync.Mutex
	resolver  *identity.Resolver
	extract   *extractor
	decisions []identity.Decision
	taking    taking
}

// Open returns people as they were left. Run must run.
func Open(ctx context.Context, c Config) (*People, error) {
	if c.Store == nil || c.Profiles == nil {
		return nil, errors.New("people need Store and Profiles")
	}
	c = c.withDefaults()
	p := &People{config: c, rounds: due.New(due.Config{Step: c.Step, Retry: c.Retry, Logger: c.Logger,
		Fails: "people cannot be kept up to date", Works: "people are kept up to date again"})}
	text, err := c.Profiles.Setting(ctx, rulesSetting)
	if err != nil {
		return nil, err
	}
	rules := identity.DefaultRules()
	if text != "" {
		rules = identity.Rules{}
		if err := json.Unmarshal([]byte(text), &rules); err != nil {
			return nil, fmt.Errorf("read rules of identity: %w", err)
		}
	}
	if err := p.obey(rules); err != nil {
		return nil, err
	}
	if p.decisions, err = c.Profiles.Decisions(ctx); err != nil {
		return nil, err
	}
	if err := p.openTaking(ctx); err != nil {
		return nil, err
	}
	p.meters = newMeters(p)
	return p, nil
}

const rulesSetting = "rules"

// obey compiles rules and goes by them from now on.
func (p *People) obey(rules identity.Rules) error {
	r, err := identity.New(rules)
	if err != nil {
		return fmt.Errorf("rules of identity: %w", err)
	}
	x := &extractor{blocked: r.Blocked}
	for _, t := range rules.Types {
		if t.Type != identity.User && t.Type != identity.Anonymous && t.Type != identity.Email {
			x.own = append(x.own, t.Type)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resolver, p.extract = r, x
	return nil
}

// going returns what is gone by at the moment.
func (p *People) going() (*identity.Resolver, *extractor, []identity.Decision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resolver, p.extract, p.decisions
}

// NoteDerived is Note of rows that no position of the log tells, before they are stored or taken back. Unless it fails,
// done must be called once that has happened, or failed to: until then nothing is resolved.
func (p *People) NoteDerived(ctx context.Context, rows []*event.Event) (done func(), err error) {
	p.storing.Lock()
	if err := p.Note(ctx, rows, 0); err != nil {
		p.storing.Unlock()
		return nil, err
	}
	return p.storing.Unlock, nil
}

// Note keeps durably what the calls of rows say, before the rows are stored at a position of the log. It keeps nothing of
// them.
func (p *People) Note(ctx context.Context, rows []*event.Event, position uint64) error {
	_, x, _ := p.going()
	x = x.remembering()
	n := profilestore.Note{Position: position}
	marked := map[identity.Identifier]bool{}
	for _, e := range rows {
		x.add(&n, e)
		if who := x.who(e); p.config.Touched != nil && who.Value != "" && !marked[who] {
			marked[who] = true
			n.Rows = append(n.Rows, who)
		}
		if p.config.Touched != nil && e.DerivedFrom != "" && e.UserID != "" && e.AnonymousID != "" {
			// Whose the other rows of the anonymous id are may hang on this one, which may go again.
			n.Rows = append(n.Rows, identity.Identifier{Type: identity.Anonymous, Value: e.AnonymousID})
		}
	}
	if err := p.config.Profiles.Note(ctx, n); err != nil {
		return err
	}
	p.rounds.Wake()
	return nil
}

// Run keeps people up to date until ctx ends, and returns nil then.
func (p *People) Run(ctx context.Context) error { return p.rounds.Run(ctx, p.round) }

// longestWait is when it is looked again, whatever comes.
const longestWait = time.Minute

// round resolves what is due, and takes up some of what was there before, and returns how long to wait for more.
func (p *People) round(ctx context.Context) (time.Duration, error) {
	if _, err := p.Resolve(ctx); err != nil {
		return 0, err
	}
	more, err := p.takeUp(ctx)
	if err != nil {
		return 0, err
	}
	if more {
		return 0, nil
	}
	waiting, err := p.config.Profiles.Waiting(ctx)
	if err != nil {
		return 0, err
	}
	if waiting > 0 { // it is not stored yet
		return p.config.Step, nil
	}
	return longestWait, nil
}

// Err returns what fails at the moment and is being retried, nil while everything works.
func (p *People) Err() error { return p.rounds.Err() }

// meters are what operators watch.
type meters struct {
	resolved, told *metrics.Counter
	seconds        *metrics.FloatCounter
}

func newMeters(p *People) meters {
	set := p.config.Metrics
	set.NewGauge("debrief_people_waiting", func() float64 {
		n, err := p.config.Profiles.Waiting(context.Background())
		if err != nil {
			return -1
		}
		return float64(n)
	})
	return meters{
		resolved: set.NewCounter("debrief_people_identifiers_resolved_total"),
		told:     set.NewCounter("debrief_people_identities_written_total"),
		seconds:  set.NewFloatCounter("debrief_people_seconds_total"),
	}
}

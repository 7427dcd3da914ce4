// Package app makes one server of all parts: it opens the data directory, wires door, event log,
// pipeline, event store, API and pages together, serves them, and stops them in order. It is the one
// place that knows implementations; only programs and whole-server tests import it.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/analysis"
	"github.com/debrief-dev/debrief/internal/auth"
	"github.com/debrief-dev/debrief/internal/compute"
	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/deliver"
	"github.com/debrief-dev/debrief/internal/derive"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/filelog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/function"
	"github.com/debrief-dev/debrief/internal/journey"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/people"
	"github.com/debrief-dev/debrief/internal/pipeline"
	"github.com/debrief-dev/debrief/internal/price"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/redact"
	"github.com/debrief-dev/debrief/internal/replay"
	"github.com/debrief-dev/debrief/internal/secret"
	"github.com/debrief-dev/debrief/internal/topic"
	"github.com/debrief-dev/debrief/sdk/browser"
	"github.com/debrief-dev/debrief/ui"
)

// Config is what a server runs with.
type Config struct {
	config.Config
	Version string
	// UI is the built web UI; nil is the one built into the program.
	UI fs.FS
	// Tag is the built browser tag; nil is the one built into the program.
	Tag fs.FS
	// Log takes what an operator acts on; nil is slog.Default.
	Log *slog.Logger
}

// App is a running server.
type App struct {
	cfg       Config
	parts     *supervisor
	lock      *directoryLock
	meta      *metastore.Store
	log       eventlog.Log
	store     eventstore.Store
	pipeline  *pipeline.Pipeline
	enforcers *enforcers
	receipts  *journey.Receipts
	reading   *reading
	replayer  *replay.Replayer
	secrets   *secret.Box
	deliver   *deliver.Deliver
	deriver   *derive.Deriver
	analysis  *analysis.Analysis
	topics    *topic.Topics
	profiles  *profilestore.Store
	people    *people.People
	together  *profile.Profiles
	compute   *compute.Compute
	emitted   eventlog.Log
	prices    *price.Table
	redactor  *redact.Redactor
	functions *function.Functions
	guard     *auth.Auth
	metrics   *metrics.Set
	server    *http.Server
	// stopStreams ends what would go on as long as its readers like: the live view.
	stopStreams context.CancelFunc
	url         string // on this machine
	closed      chan struct{}
}

// Start opens the data directory and serves it. It returns when the address is taken and everything is
// open; ctx bounds that alone. It returns ErrInUse if another process has the directory.
func Start(ctx context.Context, c Config) (*App, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.UI == nil {
		c.UI = ui.Files()
	}
	if c.Tag == nil {
		c.Tag = browser.Files()
	}
	a := &App{cfg: c, parts: newSupervisor(c.Log), metrics: metrics.NewSet(), closed: make(chan struct{})}
	if err := a.start(ctx); err != nil {
		return nil, errors.Join(err, a.stopParts(ctx))
	}
	return a, nil
}

func (a *App) start(ctx context.Context) error {
	lock, err := lockDirectory(a.cfg.Data)
	if err != nil {
		return err
	}
	a.lock = lock
	a.parts.opened("data directory", lock.release)
	listener, err := listen(ctx, &a.cfg.Config)
	if err != nil {
		return err
	}
	a.url = localURL(listener, a.cfg.TLSCert != "")
	// The server closes it again; this is for the case that there will be none.
	a.parts.opened("listener", func() error { _ = listener.Close(); return nil })
	if err := a.open(ctx); err != nil {
		return err
	}
	handler, err := a.handler()
	if err != nil {
		return err
	}
	a.measured()
	a.server = newServer(handler, a.cfg.Log)
	a.parts.run("pipeline", a.pipeline.Run)
	a.parts.run("traces", a.deriver.Run)
	a.parts.run("analysis", a.analysis.Run)
	a.parts.run("topics", a.topics.Run)
	a.parts.run("people", a.people.Run)
	a.parts.run("traits and audiences", a.compute.Run)
	a.parts.run("replay", a.replayer.Run)
	a.parts.run("destinations", a.deliver.Run)
	a.parts.run("functions", a.functions.Run)
	a.parts.run("http server", func(context.Context) error {
		err := a.server.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			<-a.parts.ctx.Done() // Shutdown goes on; the parts end after it
			return nil
		}
		return err
	})
	return lock.tell(a.url)
}

// open opens what is in the data directory, in the order that parts need each other.
func (a *App) open(ctx context.Context) error {
	var err error
	a.meta, err = metastore.Open(ctx, metastore.Config{Path: filepath.Join(a.cfg.Data, metadataName)})
	if err != nil {
		return err
	}
	a.parts.opened("metadata", a.meta.Close)
	if err := bootstrap(ctx, a.meta, a.cfg.Bootstrap); err != nil {
		return err
	}
	workspace, err := a.meta.Workspace(ctx, metastore.DefaultWorkspace)
	if err != nil {
		return err
	}
	dir := filepath.Join(a.cfg.Data, "workspaces", workspace.ID)
	a.log, err = filelog.Open(filelog.Config{Dir: filepath.Join(dir, "log"), Logger: a.cfg.Log})
	if err != nil {
		return err
	}
	a.parts.opened("event log", a.log.Close)
	a.store, err = openStore(ctx, filepath.Join(dir, "store"), a.cfg.Log)
	if err != nil {
		return err
	}
	a.parts.opened("event store", a.store.Close)
	if a.prices, err = readPrices(filepath.Join(a.cfg.Data, pricesName)); err != nil {
		return err
	}
	if err := a.openProfileStore(ctx, dir); err != nil {
		return err
	}
	if err := a.openTopics(ctx, workspace, dir); err != nil {
		return err
	}
	if err := a.openCompute(ctx, workspace, dir); err != nil {
		return err
	}
	if err := a.openAnalysis(ctx, workspace); err != nil {
		return err
	}
	if err := a.openPeople(ctx); err != nil {
		return err
	}
	if err := a.openDeriver(ctx, workspace); err != nil {
		return err
	}
	a.enforcers, err = newEnforcers(ctx, a.meta, workspace.ID, a.cfg.Log)
	if err != nil {
		return err
	}
	a.openSecrets()
	a.openFunctions(workspace)
	if err := a.openDeliver(ctx, workspace, dir); err != nil {
		return err
	}
	a.pipeline, err = pipeline.New(pipeline.Config{
		Workspace: workspace.ID, Log: a.log, Store: a.store, Vocabularies: vocabularies(),
		Settings: mappingOf(a.meta), BodyHash: bodyHash(workspace), Tallies: tallies{a.meta},
		Noters: []pipeline.NamedNoter{{What: "traces", Noter: a.deriver}, {What: "conversations", Noter: a.analysis}, {What: "people", Noter: a.people}}, Price: a.prices.Apply,
		Plan: a.enforcers.of, Quarantine: holder{a.meta}, Places: placesIn(a.store),
		Keep:    func(upTo eventlog.Position) eventlog.Position { return a.deliver.Keep(mainLog, upTo) },
		Metrics: a.metrics, Logger: a.cfg.Log,
	})
	if err != nil {
		return err
	}
	a.redactor = redact.New(redact.Config{Mode: modesOf(a.meta), Key: workspace.HashKey})
	if err := a.openReceipts(workspace); err != nil {
		return err
	}
	a.reading = a.newReading()
	if err := a.reading.tell(ctx); err != nil {
		return err
	}
	a.guard, err = auth.New(auth.Config{Store: a.meta, PublicURL: a.cfg.PublicURL, TrustedProxies: a.cfg.TrustedProxies, Log: a.cfg.Log})
	if err != nil {
		return err
	}
	return a.openProfiles()
}

// URL is where people reach the server: the public URL, or the address on this machine.
func (a *App) URL() string {
	if a.cfg.PublicURL != "" {
		return strings.TrimRight(a.cfg.PublicURL, "/")
	}
	return a.url
}

// LocalURL is where programs on this machine reach the server.
func (a *App) LocalURL() string { return a.url }

// FirstLogin returns a link that logs in once, or "" when somebody has set a password.
func (a *App) FirstLogin(ctx context.Context) (string, error) {
	has, err := a.meta.HasPassword(ctx)
	if err != nil || has {
		return "", err
	}
	path, err := loginPath(ctx, a.meta, "", firstLinkLife)
	return a.URL() + path, err
}

// Wait returns when a part has failed, with its error, or nil when Close was called.
func (a *App) Wait() error {
	select {
	case <-a.parts.failed:
		return a.parts.err()
	case <-a.closed:
		return nil
	}
}

// Close stops the server: it takes no more requests, lets those under way finish until ctx ends, stores
// what is being stored, and closes everything, the last opened first. What is logged and not stored yet
// is stored after the next start. Parts that do not end within a minute are named by the error; what is
// acknowledged is safe then, too. It is called once.
func (a *App) Close(ctx context.Context) error {
	defer close(a.closed)
	err := a.shutdown(ctx)
	return errors.Join(err, a.stopParts(ctx))
}

// stopPatience is how long parts may take to store what they have and to close.
const stopPatience = time.Minute

// stopParts gives parts their time even when ctx has ended.
func (a *App) stopParts(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	return a.parts.stop(ctx)
}

func (a *App) shutdown(ctx context.Context) error {
	a.stopStreams()
	err := a.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		a.cfg.Log.Warn("requests were cut off", slog.Any("error", err))
		err = a.server.Close()
	}
	if err != nil {
		return fmt.Errorf("stop http server: %w", err)
	}
	return nil
}

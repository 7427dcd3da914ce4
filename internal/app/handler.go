package app

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/ingest/langfuse"
	"github.com/debrief-dev/debrief/internal/ingest/otlp"
	"github.com/debrief-dev/debrief/internal/ingest/posthog"
	"github.com/debrief-dev/debrief/internal/ingest/screeb"
	"github.com/debrief-dev/debrief/internal/ingest/segment"
	"github.com/debrief-dev/debrief/internal/ingest/unity"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/web"
)

// handler builds what answers requests.
func (a *App) handler() (http.Handler, error) {
	doors, err := a.doors()
	if err != nil {
		return nil, fmt.Errorf("build doors: %w", err)
	}
	api, err := a.api(doors[0])
	if err != nil {
		return nil, fmt.Errorf("build API: %w", err)
	}
	pages, err := web.New(web.Config{
		Auth: a.guard, UI: a.cfg.UI, Ready: a.blocking, Metrics: a.writeMetrics,
		HasPassword: a.meta.HasPassword, Shared: a.shared, Log: a.cfg.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("build pages: %w", err)
	}
	webhooks := &functionDoor{a.functions, a.meta, doors[0], a.URL(), make(chan struct{}, maxWebhooks), a.cfg.Log}
	profiles, err := a.profileDoor()
	if err != nil {
		return nil, fmt.Errorf("build Profile API: %w", err)
	}
	return newRouter(append(doors, receiptDoor{api}, webhooks, profiles), api, pages), nil
}

// doors returns the door of each protocol. The first is Segment's, which answers what no door serves.
func (a *App) doors() ([]door, error) {
	segment, err := a.segmentDoor()
	if err != nil {
		return nil, err
	}
	screeb, err := screeb.New(screeb.Config{IntakeConfig: a.intake(), Tag: a.cfg.Tag})
	if err != nil {
		return nil, err
	}
	posthog, err := posthog.New(posthog.Config{IntakeConfig: a.intake()})
	if err != nil {
		return nil, err
	}
	unity, err := unity.New(unity.Config{IntakeConfig: a.intake()})
	if err != nil {
		return nil, err
	}
	otlp, err := otlp.New(otlp.Config{IntakeConfig: a.intake()})
	if err != nil {
		return nil, err
	}
	langfuse, err := langfuse.New(langfuse.Config{IntakeConfig: a.intake()})
	if err != nil {
		return nil, err
	}
	return []door{segment, screeb, posthog, unity, otlp, langfuse}, nil
}

// intake returns what the doors of other protocols have in common; each sets its Protocol.
func (a *App) intake() ingest.IntakeConfig {
	return ingest.IntakeConfig{
		Sources: doorSources{a.meta}, Log: a.log, Limits: a.limits(), TrustedProxies: a.cfg.TrustedProxies,
		Metrics: a.metrics, Logger: a.cfg.Log, Redact: a.redactor.Call,
	}
}

// limits are the bounds of every door.
func (a *App) limits() ingest.Limits {
	limits := ingest.Limits{}
	if a.cfg.Limits.SegmentStrict {
		limits = ingest.SegmentStrict()
	}
	set := func(v *int, n int64) {
		if n > 0 {
			*v = int(n)
		}
	}
	set(&limits.EventBytes, int64(a.cfg.Limits.EventBytes))
	set(&limits.BodyBytes, int64(a.cfg.Limits.BodyBytes))
	set(&limits.DecodedBytes, int64(a.cfg.Limits.BodyBytes))
	set(&limits.Events, int64(a.cfg.Limits.BatchEvents))
	set(&limits.RequestsPerSecond, int64(a.cfg.Limits.RequestsPerSecond))
	return limits
}

func (a *App) segmentDoor() (*segment.Handler, error) {
	script, err := fs.Sub(a.cfg.UI, "analytics.js")
	if err != nil {
		return nil, err
	}
	return segment.New(segment.Config{
		Sources: doorSources{a.meta}, Log: a.log, Limits: a.limits(), PublicURL: a.cfg.PublicURL,
		TrustedProxies: a.cfg.TrustedProxies, Script: script, Metrics: a.metrics, Logger: a.cfg.Log, Redact: a.redactor.Call,
	})
}

func (a *App) api(door http.Handler) (http.Handler, error) {
	s := settings{store: a.meta, workspace: metastore.DefaultWorkspace}
	stopping, stop := context.WithCancel(a.parts.ctx)
	a.stopStreams = stop
	p := plans{a.meta, s.workspace, a.enforcers}
	topics := &topicsOf{a.topics, a.compute.TopicsChanged}
	return api.New(api.Config{
		Insight:   &insight.Insight{Store: a.store, Conversions: s, Namer: topics},
		Workspace: s.describe, Sources: s, Keys: s, Tallies: s, Rejections: s, Tokens: s, Conversions: definitions{s, a.analysis, a.compute}, Analyses: analyses{a.analysis},
		Computations: computations{a.compute, a.profiles, a.together},
		Views:        s, Annotations: s, Experiments: s, Topics: topics, Identity: identityOf{a.people, a.profiles}, Profiles: profilesOf{a.together},
		Plans: p, SourcePlans: p, Violations: p, Quarantine: quarantine{a.meta, s.workspace, a.replayer}, Receipts: a.receipts, Reading: a.reading,
		SourceOf: a.sourceOf, Redaction: redaction{a.meta, s.workspace},
		Feed: feed{a.pipeline, stopping}, Status: a.status, Me: me,
		Destinations: destinations{a.meta, s.workspace, a.deliver},
		Functions:    a.functions, SavedQueries: s, Console: consoleOf(a.store, a.meta, s.workspace),
		SendTest: testSender{door, a.meta}.send,
		Guard: func(role api.Role, next http.Handler) http.Handler {
			return a.guard.Guard(metastore.Role(role), next)
		},
		Log: a.cfg.Log,
	})
}

// sourceOf returns the source that a write key belongs to and that may send.
func (a *App) sourceOf(writeKey string) (string, bool) {
	src, ok := a.meta.Lookup(writeKey)
	if !ok || !src.Enabled {
		return "", false
	}
	return src.ID, true
}

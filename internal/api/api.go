// Package api is the HTTP API below /api/v1, described by openapi.yaml: a thin face over package insight for
// figures and rows, and over what its caller hands it for settings. It decides no figure itself and knows
// neither the log nor the stores.
//
// Who may call is decided by Config.Guard; only app imports this package, and what answers in its words.
package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// Config is what the API stands on. Insight is required. A nil part answers its endpoints with 503.
type Config struct {
	Insight *insight.Insight

	Workspace   func(ctx context.Context) (Workspace, error) // nil: UTC, weeks from Monday
	Sources     Sources
	Keys        Keys
	Tallies     Tallies
	Rejections  Rejections
	Tokens      Tokens
	Conversions Conversions
	Views       Views
	Topics      Topics
	Identity    Identity
	Profiles    Profiles
	Annotations Annotations
	Experiments Experiments
	Plans       Plans
	SourcePlans SourcePlans
	Violations  Violations
	Quarantine  Quarantine
	Receipts    Receipts
	Reading     Reading
	Redaction   Redaction
	Analyses    Analyses
	Feed        Feed
	Status      func(ctx context.Context) (Status, error)

	Destinations Destinations
	Functions    Functions
	Computations Computations

	Console      Console
	SavedQueries SavedQueries

	// Me says who sends the request; Guard has let it pass.
	Me func(r *http.Request) (Me, error)
	// SendTest sends a test conversation through the door of a source.
	SendTest func(ctx context.Context, source string) (TestSent, error)

	// SourceOf returns the id of the source that a write key belongs to: a client may ask for receipts of
	// what it sent itself. Nil: no client may.
	SourceOf func(writeKey string) (source string, ok bool)

	// Guard lets a request through to next if its sender has at least the role, else answers 401 or 403
	// with [WriteError]. Nil lets everyone through: for tests.
	Guard func(role Role, next http.Handler) http.Handler

	Log *slog.Logger // nil: slog.Default

	// QueryTimeout bounds a question; 0 is 30 s. Exports and the live tail have no bound.
	QueryTimeout time.Duration
	// Queries is how many questions are asked of the store at once; 0 is 4. Up to 16 times as many wait.
	Queries int
	// Exports and Tails bound the streams open at once; 0 is 4 and 100.
	Exports, Tails int
	// Heartbeat is how often an idle live tail says that it is alive; 0 is 15 s.
	Heartbeat time.Duration
}

// Role is what a member or a token may do. Each may do what those before it may.
type Role string

// Roles.
const (
	Viewer Role = "viewer" // read
	Editor Role = "editor" // change sources and definitions
	Owner  Role = "owner"  // members and tokens
)

type server struct {
	Config
	mux                           *http.ServeMux
	queries, exports, tails       *gate
	keyedQueries                  *gate // of clients: write keys are public
	statements                    *gate // of SQL
	catalogue, specYAML, specJSON asset
}

// New returns the handler of everything below /api/v1/.
func New(c Config) (http.Handler, error) {
	if c.Insight == nil {
		return nil, errors.New("the API needs an Insight")
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Guard == nil {
		c.Guard = func(_ Role, next http.Handler) http.Handler { return next }
	}
	c.QueryTimeout, c.Heartbeat = cmp.Or(c.QueryTimeout, 30*time.Second), cmp.Or(c.Heartbeat, 15*time.Second)
	c.Queries, c.Exports, c.Tails = cmp.Or(c.Queries, 4), cmp.Or(c.Exports, 4), cmp.Or(c.Tails, 100)
	s := &server{
		Config: c, mux: http.NewServeMux(),
		queries: newGate(c.Queries, 16*c.Queries), exports: newGate(c.Exports, 0), tails: newGate(c.Tails, 0),
		keyedQueries: newGate(1, 16), statements: newGate(1, waitingSQL),
	}
	var err error
	if s.specYAML, s.specJSON, err = loadDocument(); err != nil {
		return nil, err
	}
	if s.catalogue, err = loadCatalogue(); err != nil {
		return nil, err
	}
	for _, r := range s.routes() {
		var h http.Handler = s.handler(r, s.queries)
		if r.role != "" {
			guarded := c.Guard(r.role, h)
			if r.keyed {
				guarded = s.keyed(s.handler(r, s.keyedQueries), guarded)
			}
			h = guarded
		}
		s.mux.Handle(r.method+" "+r.path, h)
	}
	s.mux.HandleFunc(root, s.noRoute)
	return s.mux, nil
}

// root is below what everything is.
const root = "/api/v1/"

// route is one endpoint.
type route struct {
	method, path string
	role         Role // "": anyone
	handle       func(*call) error
	// asks says that the endpoint asks the event store, so that it is bounded in time and number.
	asks bool
	// keyed says that a write key lets in as well.
	keyed bool
}

func (s *server) routes() []route {
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	traits, audiences := computed{s, TraitKind}, computed{s, AudienceKind}
	return []route{
		{get, root + "metrics", Viewer, s.listMetrics, false, false},
		{get, root + "metrics/{name}", Viewer, s.getMetric, true, false},
		{get, root + "funnel", Viewer, s.getFunnel, true, false},
		{get, root + "retention", Viewer, s.getRetention, true, false},
		{get, root + "paths", Viewer, s.getPaths, true, false},
		{get, root + "conversations", Viewer, s.listConversations, true, false},
		{get, root + "conversations/facets", Viewer, s.getFacets, true, false},
		{get, root + "conversations/{id}", Viewer, s.getConversation, true, false},
		{get, root + "conversations/{id}/export", Viewer, s.exportConversation, true, false},
		{get, root + "conversations/{id}/notes", Viewer, s.listNotes, false, false},
		{post, root + "conversations/{id}/notes", Editor, s.addNote, true, false},
		{del, root + "notes/{id}", Editor, s.deleteNote, false, false},
		{post, root + "conversations/{id}/labels", Editor, s.labelConversation, true, false},
		{post, root + "conversations/labels", Editor, s.labelConversations, true, false},
		{get, root + "conversations/{id}/shares", Viewer, s.listShares, false, false},
		{post, root + "conversations/{id}/shares", Editor, s.createShare, true, false},
		{del, root + "shares/{id}", Editor, s.deleteShare, false, false},
		{get, root + "conversations/{id}/analysis", Viewer, s.explainConversation, true, false},
		{get, root + "signals", Viewer, s.listSignals, false, false},
		{put, root + "signals/{name}", Editor, s.putSignal, false, false},
		{get, root + "signals/{name}/preview", Viewer, s.previewSignal, true, false},
		{get, root + "signals/rates", Viewer, s.getSignalRates, true, false},
		{get, root + "signals/{name}/rate", Viewer, s.getSignalRate, true, false},
		{get, root + "signals/{name}/examples", Viewer, s.getSignalExamples, true, false},
		{get, root + "analysis", Viewer, s.getAnalysis, true, false},
		{post, root + "analysis/rerun", Editor, s.rerunAnalysis, true, false},
		{get, root + "analysis/learning", Viewer, s.getLearning, false, false},
		{post, root + "analysis/learning", Editor, s.learn, true, false},
		{get, root + "topics", Viewer, s.listTopics, true, false},
		{get, root + "topics/status", Viewer, s.topicStatus, true, false},
		{post, root + "topics/refit", Editor, s.refitTopics, true, false},
		{get, root + "topics/{id}", Viewer, s.getTopic, true, false},
		{patch, root + "topics/{id}", Editor, s.updateTopic, false, false},
		{post, root + "topics/{id}/merge", Editor, s.mergeTopic, false, false},
		{get, root + "events", Viewer, s.listEvents, true, false},
		{get, root + "events/{id}", Viewer, s.getEvent, true, false},
		{get, root + "people", Viewer, s.listPeople, true, false},
		{get, root + "people/{id}", Viewer, s.getPerson, true, false},
		{get, root + "people/{id}/profile", Viewer, s.getProfile, true, false},
		{get, root + "identity/people", Viewer, s.namedPeople, true, false},
		{get, root + "people/{id}/identity", Viewer, s.getIdentity, true, false},
		{post, root + "identity/merges/preview", Viewer, s.previewMerge, true, false},
		{post, root + "identity/merges", Editor, s.mergePeople, true, false},
		{post, root + "identity/merges/{id}/undo", Editor, s.undoMerge, true, false},
		{post, root + "identity/detachments/preview", Viewer, s.previewDetach, true, false},
		{post, root + "identity/detachments", Editor, s.detachID, true, false},
		{get, root + "identity/rules", Viewer, s.getIdentityRules, true, false},
		{put, root + "identity/rules", Editor, s.putIdentityRules, true, false},
		{get, root + "identity/flags", Viewer, s.listIdentityFlags, true, false},
		{get, root + "accounts", Viewer, s.listAccounts, true, false},
		{get, root + "accounts/{id}", Viewer, s.getAccount, true, false},
		{get, root + "export/{what}", Viewer, s.export, false, false},
		{get, root + "live", Viewer, s.live, false, false},
		{get, root + "sources", Viewer, s.listSources, false, false},
		{post, root + "sources", Editor, s.createSource, false, false},
		{patch, root + "sources/{id}", Editor, s.updateSource, false, false},
		{post, root + "sources/{id}/keys", Editor, s.rotateKey, false, false},
		{get, root + "sources/{id}/quality", Viewer, s.getQuality, true, false},
		{get, root + "rejections", Viewer, s.listRejections, false, false},
		{post, root + "test-conversation", Editor, s.sendTest, false, false},
		{get, root + "tokens", Owner, s.listTokens, false, false},
		{post, root + "tokens", Owner, s.createToken, false, false},
		{del, root + "tokens/{id}", Owner, s.deleteToken, false, false},
		{get, root + "conversions", Viewer, s.listConversions, false, false},
		{get, root + "conversions/{name}", Viewer, s.getConversion, false, false},
		{put, root + "conversions/{name}", Editor, s.putConversion, false, false},
		{del, root + "conversions/{name}", Editor, s.deleteConversion, false, false},
		{get, root + "effects", Viewer, s.getEffects, true, false},
		{get, root + "changes", Viewer, s.getChanges, true, false},
		{get, root + "opportunities", Viewer, s.getOpportunities, true, false},
		{get, root + "experiments", Viewer, s.listExperiments, false, false},
		{get, root + "experiments/{name}", Viewer, s.getExperiment, false, false},
		{put, root + "experiments/{name}", Editor, s.putExperiment, false, false},
		{del, root + "experiments/{name}", Editor, s.deleteExperiment, false, false},
		{get, root + "experiments/{name}/result", Viewer, s.getExperimentResult, true, false},
		{get, root + "views", Viewer, s.listViews, false, false},
		{post, root + "views", Editor, s.createView, false, false},
		{patch, root + "views/{id}", Editor, s.updateView, false, false},
		{del, root + "views/{id}", Editor, s.deleteView, false, false},
		{get, root + "annotations", Viewer, s.listAnnotations, false, false},
		{post, root + "annotations", Editor, s.addAnnotation, false, false},
		{patch, root + "annotations/{id}", Editor, s.updateAnnotation, false, false},
		{del, root + "annotations/{id}", Editor, s.deleteAnnotation, false, false},
		{get, root + "functions", Viewer, s.listFunctions, false, false},
		{post, root + "functions", Editor, s.createFunction, false, false},
		{post, root + "functions/test", Editor, s.testFunction, false, false},
		{get, root + "functions/{id}", Viewer, s.getFunction, false, false},
		{patch, root + "functions/{id}", Editor, s.updateFunction, false, false},
		{del, root + "functions/{id}", Editor, s.deleteFunction, false, false},
		{post, root + "functions/{id}/deploy", Editor, s.deployFunction, false, false},
		{get, root + "functions/{id}/logs", Viewer, s.listFunctionLogs, false, false},
		{get, root + "functions/{id}/versions", Viewer, s.listFunctionVersions, false, false},
		{get, root + "functions/{id}/versions/{version}", Viewer, s.getFunctionVersion, false, false},
		{post, root + "functions/{id}/versions/{version}/restore", Editor, s.restoreFunction, false, false},
		{get, root + "sql", Viewer, s.describeSQL, false, false},
		{post, root + "sql", Viewer, s.runSQL, false, false},
		{get, root + "queries", Viewer, s.listQueries, false, false},
		{post, root + "queries", Editor, s.createQuery, false, false},
		{patch, root + "queries/{id}", Editor, s.updateQuery, false, false},
		{del, root + "queries/{id}", Editor, s.deleteQuery, false, false},
		{get, root + "plans", Viewer, s.listPlans, false, false},
		{post, root + "plans", Editor, s.createPlan, false, false},
		{post, root + "plans/lint", Viewer, s.lintPlan, false, false},
		{post, root + "plans/import", Editor, s.importPlan, false, false},
		{get, root + "plans/checks", Viewer, s.checkConversations, true, false},
		{get, root + "plans/{name}", Viewer, s.getPlan, false, false},
		{put, root + "plans/{name}", Editor, s.putPlan, false, false},
		{del, root + "plans/{name}", Editor, s.deletePlan, false, false},
		{get, root + "plans/{name}/versions", Viewer, s.listPlanVersions, false, false},
		{get, root + "plans/{name}/versions/{version}", Viewer, s.getPlanVersion, false, false},
		{post, root + "plans/{name}/test", Viewer, s.testPlan, true, false},
		{get, root + "plans/{name}/diff", Viewer, s.diffPlan, false, false},
		{get, root + "plans/{name}/export", Viewer, s.exportPlan, false, false},
		{get, root + "sources/{id}/plan", Viewer, s.getSourcePlan, false, false},
		{put, root + "sources/{id}/plan", Editor, s.putSourcePlan, false, false},
		{get, root + "violations", Viewer, s.listViolations, false, false},
		{get, root + "quarantine", Viewer, s.listQuarantine, false, false},
		{get, root + "quarantine/summary", Viewer, s.summarizeQuarantine, false, false},
		{post, root + "quarantine/replay", Editor, s.replayQuarantine, false, false},
		{get, root + "quarantine/jobs/{id}", Viewer, s.getReplayJob, false, false},
		{post, root + "quarantine/discard", Editor, s.discardQuarantine, false, false},
		{get, root + "destinations/catalogue", Viewer, s.listDestinationKinds, false, false},
		{get, root + "destinations", Viewer, s.listDestinations, false, false},
		{post, root + "destinations", Editor, s.createDestination, false, false},
		{post, root + "destinations/test", Editor, s.tryDestination, false, false},
		{post, root + "destinations/preview", Editor, s.previewDestination, false, false},
		{get, root + "destinations/{id}", Viewer, s.getDestination, false, false},
		{patch, root + "destinations/{id}", Editor, s.updateDestination, false, false},
		{del, root + "destinations/{id}", Editor, s.deleteDestination, false, false},
		{post, root + "destinations/{id}/test", Editor, s.testDestination, false, false},
		{post, root + "destinations/{id}/pause", Editor, s.pauseDestination, false, false},
		{post, root + "destinations/{id}/resume", Editor, s.resumeDestination, false, false},
		{get, root + "destinations/{id}/deliveries", Viewer, s.getDeliveries, false, false},
		{get, root + "destinations/{id}/errors", Viewer, s.listDeliveryErrors, false, false},
		{get, root + "destinations/{id}/dead-letters", Viewer, s.listDeadLetters, false, false},
		{post, root + "destinations/{id}/dead-letters/replay", Editor, s.replayDeadLetters, false, false},
		{get, root + "destinations/{id}/backfill", Viewer, s.listBackfills, false, false},
		{post, root + "destinations/{id}/backfill", Editor, s.startBackfill, true, false},
		{del, root + "destinations/{id}/backfill/{backfill}", Editor, s.cancelBackfill, false, false},
		{get, root + "traits", Viewer, traits.list, false, false},
		{post, root + "traits", Editor, traits.create, true, false},
		{get, root + "traits/templates", Viewer, traits.templates, false, false},
		{post, root + "traits/preview", Viewer, traits.preview, true, false},
		{get, root + "traits/{key}", Viewer, traits.get, false, false},
		{patch, root + "traits/{key}", Editor, traits.update, true, false},
		{del, root + "traits/{key}", Editor, traits.remove, false, false},
		{post, root + "traits/{key}/rebuild", Editor, traits.rebuild, false, false},
		{get, root + "traits/{key}/values", Viewer, traits.values, false, false},
		{get, root + "traits/{key}/people", Viewer, traits.people, false, false},
		{get, root + "audiences", Viewer, audiences.list, false, false},
		{post, root + "audiences", Editor, audiences.create, true, false},
		{get, root + "audiences/templates", Viewer, audiences.templates, false, false},
		{post, root + "audiences/preview", Viewer, audiences.preview, true, false},
		{get, root + "audiences/{key}", Viewer, audiences.get, false, false},
		{patch, root + "audiences/{key}", Editor, audiences.update, true, false},
		{del, root + "audiences/{key}", Editor, audiences.remove, false, false},
		{post, root + "audiences/{key}/rebuild", Editor, audiences.rebuild, false, false},
		{get, root + "audiences/{key}/members", Viewer, audiences.members, false, false},
		{get, root + "redaction", Viewer, s.getRedaction, false, false},
		{post, root + "receipts", Viewer, s.getReceipts, true, true},
		{get, root + "events/{id}/journey", Viewer, s.getJourney, true, false},
		{get, root + "status", Viewer, s.getStatus, false, false},
		{get, root + "me", Viewer, s.getMe, false, false},
		{get, root + "openapi.json", "", s.getSpecJSON, false, false},
		{get, root + "openapi.yaml", "", s.getSpecYAML, false, false},
	}
}

// handler runs an endpoint and answers its error. What it asks the event store goes through the gate.
func (s *server) handler(rt route, questions *gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := newCall(w, r)
		if err == nil && rt.asks {
			err = s.bounded(c, questions, rt.handle)
		} else if err == nil {
			err = rt.handle(c)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	}
}

// bounded runs a handler with a deadline and a place at the gate.
func (s *server) bounded(c *call, questions *gate, handle func(*call) error) error {
	ctx, cancel := context.WithTimeout(c.r.Context(), s.QueryTimeout)
	defer cancel()
	if !questions.enter(ctx) {
		return errBusy
	}
	defer questions.leave()
	c.r = c.r.WithContext(ctx)
	err := handle(c)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err) // a store that is cut short may say so in its own words
	}
	return err
}

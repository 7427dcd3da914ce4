package api

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// slow is a store whose questions wait until they are let go, or their time is over: that it says in its own words.
type slow struct {
	eventstore.Reader
	asked chan struct{}
	let   chan struct{}
}

func (s *slow) Query(ctx context.Context, q query.Query) (*query.Result, error) {
	select {
	case s.asked <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-s.let:
		return s.Reader.Query(ctx, q)
	case <-ctx.Done():
		return nil, errInterrupted
	}
}

var errInterrupted = errors.New("INTERRUPT Error: Interrupted!")

func slowly(s *slow) func(*Config) {
	return func(c *Config) {
		s.Reader, c.Insight = c.Insight.Store, &insight.Insight{Store: s}
		s.asked, s.let = make(chan struct{}, 100), make(chan struct{})
	}
}

func TestQuestionsHaveATimeLimit(t *testing.T) {
	var s slow
	a := start(t, slowly(&s), func(c *Config) { c.QueryTimeout = time.Millisecond })
	a.refused(t, http.MethodGet, "/api/v1/metrics/events", "", http.StatusGatewayTimeout, "timeout")
}

// Who does not wait for the answer leaves no line in the log.
func TestGoneBeforeTheAnswer(t *testing.T) {
	var s slow
	var log bytes.Buffer
	a := start(t, slowly(&s), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		a.mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/metrics/events", nil))
	}()
	<-s.asked
	cancel()
	<-answered
	if log.Len() > 0 {
		t.Errorf("logged %s", log.String())
	}
}

func TestQuestionsAreBoundedInNumber(t *testing.T) {
	var s slow
	a := start(t, slowly(&s), func(c *Config) { c.Queries = 1 })
	answers := make(chan int, 17)
	ask := func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/api/v1/metrics/events", nil)
		if err != nil {
			panic(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answers <- 0
			return
		}
		res.Body.Close()
		answers <- res.StatusCode
	}
	// One question is asked, 16 wait, and of one more the answer is no.
	go ask()
	<-s.asked
	for range 17 {
		go ask()
	}
	if got := <-answers; got != http.StatusServiceUnavailable {
		t.Errorf("the question too many: got %d", got)
	}
	if n := len(s.asked); n != 0 {
		t.Errorf("%d questions are asked beside the first", n)
	}
	close(s.let)
	for range 17 {
		if got := <-answers; got != http.StatusOK {
			t.Errorf("a question that waited: got %d", got)
		}
	}
}

// broken is a store that fails after some rows.
type broken struct {
	eventstore.Reader
	rows int
}

var errBroken = errors.New("disk on fire at /secret")

func (b *broken) Query(context.Context, query.Query) (*query.Result, error) { return nil, errBroken }

func (b *broken) Events(context.Context, query.List) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		for range b.rows {
			if !yield(&event.Event{ID: "x", Body: new(strings.Repeat("text ", 50_000))}, nil) {
				return
			}
		}
		yield(nil, errBroken)
	}
}

func TestInnerErrorsAreNotShown(t *testing.T) {
	var log bytes.Buffer
	a := start(t, func(c *Config) {
		c.Insight = &insight.Insight{Store: &broken{}}
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	res, body := a.send(t, http.MethodGet, "/api/v1/export/events", "")
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "fire") {
		t.Errorf("export that fails at once: %s %s", res.Status, body)
	}
	_, body = a.send(t, http.MethodGet, "/api/v1/metrics/events", "")
	if strings.Contains(string(body), "fire") || !strings.Contains(string(body), `"internal"`) {
		t.Errorf("question that fails: %s", body)
	}
	if strings.Count(log.String(), "fire") != 2 {
		t.Errorf("the log does not say what went wrong, once each:\n%s", &log)
	}
}

func TestExportThatFailsOnTheWayIsCut(t *testing.T) {
	a := start(t, func(c *Config) { c.Insight = &insight.Insight{Store: &broken{rows: 3}} })
	res, err := http.DefaultClient.Do(a.request(t, http.MethodGet, "/api/v1/export/events", ""))
	if err != nil {
		return // cut before the header
	}
	defer res.Body.Close()
	if n, err := res.Body.Read(make([]byte, 1)); n == 1 && err == nil {
		_, err = res.Body.Read(make([]byte, 10<<20))
		for err == nil {
			_, err = res.Body.Read(make([]byte, 10<<20))
		}
		if err.Error() == "EOF" {
			t.Error("a part of the rows looks like the whole")
		}
	}
}

// onlyAsks are the paths that are posted to and change nothing.
var onlyAsks = map[string]bool{root + "plans/lint": true, root + "plans/{name}/test": true, root + "receipts": true, root + "sql": true, root + "identity/merges/preview": true,
	root + "identity/detachments/preview": true, root + "traits/preview": true, root + "audiences/preview": true}

func TestGuardIsAskedForTheRoleOfEveryRoute(t *testing.T) {
	roles := map[string]Role{}
	a := start(t, func(c *Config) {
		c.Guard = func(role Role, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				roles[r.Pattern] = role
				WriteError(w, http.StatusUnauthorized, "unauthorized", "who are you?")
			})
		}
	})
	for _, rt := range new(server).routes() {
		path := strings.NewReplacer("{name}", "x", "{what}", "events", "{id}", "x").Replace(rt.path)
		res, _ := a.send(t, rt.method, path, "")
		if open := rt.role == ""; open != (res.StatusCode != http.StatusUnauthorized) || roles[rt.method+" "+rt.path] != rt.role {
			t.Errorf("%s %s: got %s for %q", rt.method, rt.path, res.Status, roles[rt.method+" "+rt.path])
		}
		if rt.method != http.MethodGet && rt.role != Editor && rt.role != Owner && !onlyAsks[rt.path] {
			t.Errorf("%s %s changes something and asks for %q", rt.method, rt.path, rt.role)
		}
	}
}

func TestLargeAnswersAreCompressed(t *testing.T) {
	a := start(t)
	f := func(accept, want string) {
		t.Helper()
		req := a.request(t, http.MethodGet, "/api/v1/metrics", "")
		req.Header.Set("Accept-Encoding", accept)
		if res, _ := a.do(t, req); res.Header.Get("Content-Encoding") != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, res.Header.Get("Content-Encoding"), want)
		}
	}
	f("gzip", "gzip")
	f("br, GZIP;q=0.5", "gzip")
	f("gzip;q=0", "")
	f("br", "")
	f("", "")
}

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// fakeConsole answers two statements, refuses one, and runs one until its asker goes away.
type fakeConsole struct {
	running chan struct{}
}

func (f *fakeConsole) SQLViews() []eventstore.SQLView {
	return []eventstore.SQLView{{Name: "messages", Doc: "messages", Columns: []eventstore.SQLColumn{{Name: "body", Type: "VARCHAR", Doc: "text"}}}, {Name: "events"}}
}

func (f *fakeConsole) SQL(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	switch statement {
	case "wrong":
		return nil, &eventstore.SQLError{Message: "no", Position: -1}
	case "ü\nxü wrong":
		return nil, &eventstore.SQLError{Message: "no", Position: 7}
	case "large":
		return nil, eventstore.ErrSQLMemory
	case "slow":
		return nil, eventstore.ErrSQLTime
	case "wait":
		select {
		case f.running <- struct{}{}:
			<-ctx.Done()
		case <-ctx.Done(): // one that waited for its turn, and was left meanwhile
		}
		return nil, ctx.Err()
	}
	return &eventstore.SQLTable{Columns: []eventstore.SQLColumn{{Name: "n", Type: "BIGINT"}}, Rows: [][]any{{int64(limit)}, {nil}, {[]any{"a"}}}, Truncated: true}, nil
}

// answered wants a status, and decodes the answer if it is wanted.
func answered(t *testing.T, a *running, method, target, body string, status int, into any) {
	t.Helper()
	res, answer := a.send(t, method, target, body)
	if res.StatusCode != status {
		t.Fatalf("%s %s: %s %s, want %d", method, target, res.Status, answer, status)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
	}
}

func TestSQLAnswersAndSaysWhatIsWrong(t *testing.T) {
	a := start(t, func(c *Config) { c.Console = &fakeConsole{} })
	var answer struct {
		Rows      [][]any
		Truncated bool
	}
	answered(t, a, http.MethodPost, "/api/v1/sql", `{"sql": "SELECT 1", "limit": 7}`, http.StatusOK, &answer)
	if len(answer.Rows) != 3 || answer.Rows[0][0] != 7.0 || !answer.Truncated {
		t.Errorf("answer %+v", answer)
	}
	f := func(body string, status int, code, message string) {
		t.Helper()
		if e := a.refused(t, http.MethodPost, "/api/v1/sql", body, status, code); !strings.Contains(e.Message, message) {
			t.Errorf("%s: %+v, want %q", body, e, message)
		}
	}
	f(`{"sql": "wrong"}`, http.StatusBadRequest, "invalid_sql", "no")
	f(`{"sql": "ü\nxü wrong"}`, http.StatusBadRequest, "invalid_sql", "line 2, column 4: no")
	f(`{"sql": "large"}`, http.StatusBadRequest, "too_expensive", "memory")
	f(`{"sql": "slow"}`, http.StatusGatewayTimeout, "timeout", "too long")
	f(`{"sql": "SELECT 1", "limit": 10001}`, http.StatusBadRequest, "invalid_body", "from 1 to 10000")
	f(`{"sql": "SELECT 1", "limit": 0}`, http.StatusBadRequest, "invalid_body", "from 1")
	f(`{"statement": "SELECT 1"}`, http.StatusBadRequest, "invalid_body", "statement")
	var schema struct{ Views []struct{ Name string } }
	answered(t, a, http.MethodGet, "/api/v1/sql", "", http.StatusOK, &schema)
	if len(schema.Views) != 2 || schema.Views[0].Name != "events" {
		t.Errorf("schema %+v", schema)
	}
}

func TestSQLWithoutAnEngineSaysSo(t *testing.T) {
	a := start(t)
	answered(t, a, http.MethodPost, "/api/v1/sql", `{"sql": "SELECT 1"}`, http.StatusServiceUnavailable, nil)
	answered(t, a, http.MethodGet, "/api/v1/sql", "", http.StatusServiceUnavailable, nil)
}

// One statement runs, some wait, others are turned away; a statement ends when its asker goes.
func TestSQLIsOneAtATime(t *testing.T) {
	console := &fakeConsole{running: make(chan struct{})}
	a := start(t, func(c *Config) { c.Console = console })
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	ask := func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/api/v1/sql", strings.NewReader(`{"sql": "wait"}`))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		if res, err := http.DefaultClient.Do(r); err == nil {
			res.Body.Close()
		}
	}
	wg.Go(ask)
	<-console.running
	// Those that wait hold no answer up but their own; a statement too many is told to come again.
	busy := make(chan struct{})
	for range waitingSQL + 1 {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/api/v1/sql", strings.NewReader(`{"sql": "wait"}`))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/json")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				return // left
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
				t.Errorf("one too many: status %d", res.StatusCode)
			}
			close(busy)
		})
	}
	<-busy
	leave()
	wg.Wait()
	answered(t, a, http.MethodPost, "/api/v1/sql", `{"sql": "SELECT 1"}`, http.StatusOK, nil)
}

// savedQueries keeps queries in memory.
type savedQueries struct{ all []SavedQuery }

func (q *savedQueries) Queries(context.Context) ([]SavedQuery, error) { return q.all, nil }

func (q *savedQueries) CreateQuery(_ context.Context, s SavedQuery) (SavedQuery, error) {
	s.ID, s.CreatedAt, s.UpdatedAt = "query_1", noon, noon
	q.all = append(q.all, s)
	return s, nil
}

func (q *savedQueries) PutQuery(_ context.Context, s SavedQuery) (SavedQuery, error) {
	i := slices.IndexFunc(q.all, func(x SavedQuery) bool { return x.ID == s.ID })
	q.all[i] = s
	return s, nil
}

func (q *savedQueries) DeleteQuery(_ context.Context, id string) error {
	n := len(q.all)
	if q.all = slices.DeleteFunc(q.all, func(x SavedQuery) bool { return x.ID == id }); len(q.all) == n {
		return ErrNotFound
	}
	return nil
}

func TestSavedQueries(t *testing.T) {
	a := start(t, func(c *Config) { c.SavedQueries = &savedQueries{} })
	var q SavedQuery
	answered(t, a, http.MethodPost, "/api/v1/queries", `{"name": "Outcomes", "sql": "SELECT 1", "chart": "bar"}`, http.StatusCreated, &q)
	if q.ID == "" || q.Author != "Ada" || q.Chart != "bar" {
		t.Errorf("created %+v", q)
	}
	answered(t, a, http.MethodPatch, "/api/v1/queries/query_1", `{"chart": "line"}`, http.StatusOK, &q)
	if q.Chart != "line" || q.SQL != "SELECT 1" {
		t.Errorf("changed %+v", q)
	}
	answered(t, a, http.MethodPatch, "/api/v1/queries/query_9", `{"chart": "line"}`, http.StatusNotFound, nil)
	answered(t, a, http.MethodPost, "/api/v1/queries", `{"name": "", "sql": "SELECT 1"}`, http.StatusBadRequest, nil)
	var list struct{ Queries []SavedQuery }
	answered(t, a, http.MethodGet, "/api/v1/queries", "", http.StatusOK, &list)
	if len(list.Queries) != 1 {
		t.Errorf("listed %+v", list)
	}
	answered(t, a, http.MethodDelete, "/api/v1/queries/query_1", "", http.StatusNoContent, nil)
	answered(t, a, http.MethodDelete, "/api/v1/queries/query_1", "", http.StatusNotFound, nil)
}

package api

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/insight"
)

// running is the API over a store, whose every answer is held against the description.
type running struct {
	url    string
	mem    *memory
	store  eventstore.Store
	spec   *description
	mux    *http.ServeMux
	events int
}

// start serves the API over the example data in memory; change may alter the configuration.
func start(t *testing.T, change ...func(*Config)) *running {
	t.Helper()
	return startOn(t, memstore.New(), change...)
}

// startOn is start with an empty store.
func startOn(t *testing.T, store eventstore.Store, change ...func(*Config)) *running {
	t.Helper()
	a := &running{mem: &memory{}, store: store, spec: describe(t)}
	c := Config{
		Insight: &insight.Insight{Store: a.store, Conversions: a.mem},
		Sources: a.mem, Keys: a.mem, Tallies: a.mem, Rejections: a.mem, Tokens: a.mem, Conversions: a.mem, Feed: &a.mem.feed,
		Workspace: func(context.Context) (Workspace, error) {
			return Workspace{ID: "default", Name: "default", Zone: "UTC", WeekStart: "monday"}, nil
		},
		Status: func(ctx context.Context) (Status, error) {
			s, err := a.store.Stats(ctx)
			return Status{Version: "test", Store: StoreStatus{Events: s.Events, Conversations: s.Conversations}}, err
		},
		Me: func(*http.Request) (Me, error) { return Me{Kind: "member", Name: "Ada", Role: Owner}, nil },
		SendTest: func(ctx context.Context, source string) (TestSent, error) {
			if _, err := a.mem.source(source); err != nil {
				return TestSent{}, err
			}
			return TestSent{ConversationID: "test-1", Events: 6}, nil
		},
	}
	for _, f := range change {
		f(&c)
	}
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	a.mux = h.(*http.ServeMux)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	a.url = s.URL
	a.put(t, examples()...)
	return a
}

func (a *running) put(t *testing.T, events ...*event.Event) {
	t.Helper()
	for _, e := range events {
		a.events++
		e.Workspace, e.Vocabulary, e.RequestSeq = "default", "segment", int64(a.events)
		if e.ID == "" {
			e.ID = fmt.Sprintf("evt-%012d", a.events)
		}
		if e.Source == "" {
			e.Source = "src_web"
		}
		if e.SourceEvent == "" {
			e.SourceEvent = string(e.Kind) + "/" + e.Action
		}
		e.ReceivedAt = e.OccurredAt.Add(time.Second)
		if e.Raw == nil {
			e.Raw = json.RawMessage(`{"type":"track"}`)
		}
	}
	if _, err := a.store.Write(t.Context(), &eventstore.Batch{Puts: events}); err != nil {
		t.Fatal(err)
	}
}

// examples are two conversations of Ada, who was anonymous at first, and one of a stranger:
//
//	c1     Monday noon: question, answer after 2 s, an action, a rating of 4 of 5, a purchase
//	c/2 ü  Tuesday: question with a formula and markup in it, no answer
//	c3     the Monday before, on the app: answer only
func examples() []*event.Event {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	ada, stranger := "ada", "anon-2"
	message := func(conv, role, text string, t time.Time) *event.Event {
		action := map[string]string{"user": "sent", "agent": "received"}[role]
		return &event.Event{Kind: event.KindMessage, Action: action, Role: role, ConversationID: conv, Body: &text,
			BodyChars: new(int64(len([]rune(text)))), OccurredAt: t, UserID: ada, Channel: "web"}
	}
	of := func(e *event.Event, anonymous string) *event.Event {
		e.UserID, e.AnonymousID, e.Channel, e.Source = "", anonymous, "app", "src_app"
		return e
	}
	return []*event.Event{
		{Kind: event.KindIdentity, Action: "identified", SourceEvent: "identify", UserID: ada, AnonymousID: "anon-1", OccurredAt: at(-time.Minute), Properties: json.RawMessage(`{"plan":"free","beta":true}`)},
		{Kind: event.KindIdentity, Action: "identified", SourceEvent: "identify", UserID: ada, OccurredAt: at(time.Hour), Properties: json.RawMessage(`{"plan":"pro","beta":null}`)},
		{Kind: event.KindConversation, Action: "started", SourceEvent: "Conversation Started", ConversationID: "c1", AnonymousID: "anon-1", Channel: "web", OccurredAt: at(0)},
		message("c1", "user", "Where is my order?", at(time.Second)),
		message("c1", "agent", "On its way.", at(3*time.Second)),
		{Kind: event.KindTool, Action: "called", ToolName: "track_order", ToolType: "api_call", ConversationID: "c1", UserID: ada, OccurredAt: at(4 * time.Second)},
		{Kind: event.KindFeedback, Action: "rated", RatingRaw: "4", RatingScaleRaw: "1-5", RatingMin: new(1.0), RatingMax: new(5.0), Score: new(0.75), ConversationID: "c1", UserID: ada, OccurredAt: at(5 * time.Second)},
		{Kind: event.KindProduct, Action: "tracked", SourceEvent: "Item Purchased", ProductEvent: "Item Purchased", UserID: ada, OccurredAt: at(time.Minute), Properties: json.RawMessage(`{"price":12.5}`),
			Repairs: []event.Repair{{Code: "name_case", From: "item purchased", To: "Item Purchased"}}},
		message("c/2 ü", "user", `=HYPERLINK("x") <b>&"quoted", 'line'`+"\n2", at(24*time.Hour)),
		of(message("c3", "agent", "Hello stranger", at(-7*24*time.Hour)), stranger),
		{Kind: event.KindProduct, Action: "tracked", SourceEvent: "Ghost", ProductEvent: "Ghost", AnonymousID: stranger, Source: "src_app", OccurredAt: at(-7*24*time.Hour + time.Hour), Violations: []string{"missing_conversation_id"}},
	}
}

func (a *running) request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// do sends a request and holds the answer against the description.
func (a *running) do(t *testing.T, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var r io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	_, pattern := a.mux.Handler(req)
	method, path, ok := strings.Cut(pattern, " ")
	if ok && strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		a.spec.check(t, method, path, res.StatusCode, "application/json", body)
	}
	return res, body
}

func (a *running) send(t *testing.T, method, target, body string) (*http.Response, []byte) {
	t.Helper()
	return a.do(t, a.request(t, method, target, body))
}

// get asks for what is there.
func (a *running) get(t *testing.T, target string) map[string]any {
	t.Helper()
	res, body := a.send(t, http.MethodGet, target, "")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %s", target, res.Status, body)
	}
	return decoded(t, body)
}

func decoded(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return out
}

// refused asks for something that must be refused with a status and code.
func (a *running) refused(t *testing.T, method, target, body string, status int, code string) ErrorDetail {
	t.Helper()
	res, answer := a.send(t, method, target, body)
	var e ErrorBody
	if err := json.Unmarshal(answer, &e); err != nil || res.StatusCode != status || e.Error.Code != code || e.Error.Message == "" {
		t.Errorf("%s %s: got %s %s, want %d %s", method, target, res.Status, answer, status, code)
	}
	return e.Error
}

// text writes a part of an answer as compact JSON, for comparison.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// part walks an answer: names of objects, indexes of lists.
func part(t *testing.T, v any, keys ...any) any {
	t.Helper()
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%s has no %q", text(t, v), k)
			}
			v = m[k]
		case int:
			l, ok := v.([]any)
			if !ok || k >= len(l) {
				t.Fatalf("%s has no %d", text(t, v), k)
			}
			v = l[k]
		}
	}
	return v
}

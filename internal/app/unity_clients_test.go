package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// unityReport is what the client of Unity's events says it sent, and what should become of it.
type unityReport struct {
	UserID         string
	ConversationID string
	Sent           int
	Codes          map[string]int // answers by status
	Want           []struct {
		MessageID     string
		Valid         bool
		Event, Action string
		Signal        *struct {
			Dimension string
			Weight    any // a number, or words where values decide
		}
	}
}

// Every event of Unity's assistant is there once and understood, through either door; sent again, nothing
// changes.
func TestUnityClientsAreUnderstood(t *testing.T) {
	driver := evaldata.Path(t, "clients", "unity-http", "driver.mjs")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	for _, transport := range []string{"native", "segment"} {
		t.Run(transport, func(t *testing.T) {
			s := start(t, t.TempDir(), nil)
			recorder := record(t, s.LocalURL())
			report := runUnity(t, driver, transport, recorder.URL)
			s.settleTraces()
			before := s.export()
			checkUnity(t, report, before)
			checkLinked(t, before)
			recorder.sendAgain(t, s.LocalURL())
			s.settleTraces()
			if d := cmp.Diff(before, s.export()); d != "" {
				t.Errorf("sent again, the events differ:\n%s", d)
			}
			var c struct {
				Conversation struct {
					Title             string
					Messages, Actions int
				}
			}
			s.get("conversations/"+url.PathEscape(report.ConversationID), &c)
			if c.Conversation.Actions != 4 {
				t.Errorf("the conversation has %d actions, want the 2 that say it and the 2 that do not", c.Conversation.Actions)
			}
			if c.Conversation.Messages != 1 || c.Conversation.Title != "Spawn enemies" {
				t.Errorf("the conversation has %d messages and the title %q, want 1 and \"Spawn enemies\"", c.Conversation.Messages, c.Conversation.Title)
			}
		})
	}
}

func runUnity(t *testing.T, driver, transport, baseURL string) unityReport {
	t.Helper()
	out := clienttest.Output(t, filepath.Dir(driver), []string{"node", filepath.Base(driver)}, []string{"BASE_URL=" + baseURL, "WRITE_KEY=" + testKey, "TRANSPORT=" + transport,
		"FIXTURE=" + filepath.Join(filepath.Dir(driver), "..", "..", "spec", "fixtures", "unity.jsonl")})
	var report unityReport
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("the client: %v in %s", err, out)
	}
	if len(report.Codes) != 1 || report.Codes["200"] == 0 || report.Sent == 0 || report.Sent != len(report.Want) {
		t.Fatalf("the client reports %s", out)
	}
	return report
}

// checkUnity looks for each event that the client sent.
func checkUnity(t *testing.T, report unityReport, events []event.Event) {
	t.Helper()
	if len(events) != report.Sent {
		t.Errorf("%d events are stored of %d that were sent", len(events), report.Sent)
	}
	for _, want := range report.Want {
		var found []event.Event
		for _, e := range events {
			if strings.HasPrefix(e.ID, want.MessageID+"~") { // the client's ids are short
				found = append(found, e)
			}
		}
		if len(found) != 1 {
			t.Errorf("%s is stored %d times", want.MessageID, len(found))
			continue
		}
		e := found[0]
		if e.Vocabulary != "unity" || e.UserID != report.UserID || (len(e.Violations) == 0) != want.Valid {
			t.Errorf("%s %s is of vocabulary %q, user %q, with violations %v; want valid %t", e.SourceEvent, e.SourceSubtype, e.Vocabulary, e.UserID, e.Violations, want.Valid)
		}
		if want.Event == "" {
			continue // an invalid one
		}
		if string(e.Kind) != want.Event || e.Action != want.Action {
			t.Errorf("%s %s is %s/%s, want %s/%s", e.SourceEvent, e.SourceSubtype, e.Kind, e.Action, want.Event, want.Action)
		}
		if want.Signal == nil {
			continue
		}
		if weight, ok := want.Signal.Weight.(float64); e.SignalDimension != want.Signal.Dimension || e.SignalWeight == nil || ok && *e.SignalWeight != weight {
			t.Errorf("%s %s has the signal %s %v, want %+v", e.SourceEvent, e.SourceSubtype, e.SignalDimension, e.SignalWeight, *want.Signal)
		}
	}
}

// checkLinked looks for the events that say no conversation: the client uses one after the other, so that
// each belongs to the last that was named.
func checkLinked(t *testing.T, events []event.Event) {
	t.Helper()
	last, found := "", 0
	for _, e := range events {
		if !e.Inferred && e.ConversationID != "" {
			last = e.ConversationID
			continue
		}
		if e.Kind == event.KindProduct {
			if e.ConversationID != "" {
				t.Errorf("%s %s, which is not the assistant's, is in conversation %q", e.SourceEvent, e.SourceSubtype, e.ConversationID)
			}
			continue
		}
		found++
		if e.ConversationID != last || !e.Inferred || len(e.Repairs) == 0 {
			t.Errorf("%s %s is in conversation %q, inferred %v, repairs %v; want it linked to %q", e.SourceEvent, e.SourceSubtype, e.ConversationID, e.Inferred, e.Repairs, last)
		}
	}
	if found < 30 {
		t.Errorf("only %d events say no conversation", found)
	}
}

// recorder stands before a server and keeps the requests that pass.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
}

func record(t *testing.T, target string) *recorder {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		r.mu.Lock()
		r.requests, r.bodies = append(r.requests, req.Clone(t.Context())), append(r.bodies, body)
		r.mu.Unlock()
		req.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

// sendAgain sends every request once more.
func (r *recorder) sendAgain(t *testing.T, target string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, old := range r.requests {
		req, err := http.NewRequestWithContext(t.Context(), old.Method, target+old.URL.RequestURI(), bytes.NewReader(r.bodies[i]))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = old.Header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("sent again, %s %s is answered %d", old.Method, old.URL.Path, resp.StatusCode)
		}
	}
}

// A completed turn is one event that holds the messages of a conversation.
func TestUnityTurnsAreConversations(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	const turn = `{"name":"AIAssistantGatewayEvent","messageId":"turn-of-one-conversation","userId":"ada","writeKey":"` + testKey + `","data":{"SubType":"TurnCompleted","ConversationId":"g1",
		"Provider":"claude","TurnCount":1,"Messages":"[{\"role\":\"user\",\"blocks\":[{\"type\":\"prompt\",\"content\":\"Make it jump\"}]},{\"role\":\"assistant\",\"blocks\":[{\"type\":\"response\",\"content\":\"Done.\"}]}]"}}`
	for range 2 {
		resp, err := http.Post(s.LocalURL()+"/v1/unity", "application/json", strings.NewReader(turn))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("answered %d", resp.StatusCode)
		}
	}
	s.settle()
	var c struct {
		Conversation struct{ Messages int }
		Events       []event.Event
	}
	s.get("conversations/g1", &c)
	var said []string
	for _, e := range c.Events {
		if e.Kind == event.KindMessage {
			said = append(said, e.Role+": "+*e.Body)
		}
	}
	if want := []string{"user: Make it jump", "agent: Done."}; !cmp.Equal(said, want) || c.Conversation.Messages != 2 {
		t.Errorf("the conversation has %d messages, %q; want %q", c.Conversation.Messages, said, want)
	}
}

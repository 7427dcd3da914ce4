package app

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// recorded is a request as a client sent it.
type recorded struct {
	method, path string
	header       http.Header
	body         []byte
}

// record stands between clients and a server, and keeps what they send.
func (s *server) record() (at string, requests func() []recorded) {
	s.t.Helper()
	target, err := url.Parse(s.LocalURL())
	if err != nil {
		s.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	var all []recorded
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mu.Lock()
		all = append(all, recorded{r.Method, r.URL.RequestURI(), r.Header.Clone(), body})
		mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(between.Close)
	return between.URL, func() []recorded {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// resend sends a request again.
func (s *server) resend(r recorded) {
	s.t.Helper()
	req, err := http.NewRequest(r.method, s.LocalURL()+r.path, bytes.NewReader(r.body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header = r.header.Clone()
	if resp, text := s.send(req); resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s again: %d %s", r.path, resp.StatusCode, text)
	}
}

// settleTraces waits until everything that was acknowledged is stored, and every trace derived.
func (s *server) settleTraces() {
	s.t.Helper()
	s.settle()
	s.until("traces are derived", func() bool { return s.deriver.Waiting() == 0 })
}

// meaning returns all rows by id, without what tells when and in which request they came.
func (s *server) meaning() map[string]event.Event {
	s.t.Helper()
	all := map[string]event.Event{}
	for _, e := range s.export() {
		e.Revision, e.RequestSeq, e.BatchIndex, e.ReceivedAt, e.BodyHash = 0, 0, 0, time.Time{}, "" // each server has a key of its own
		slices.SortFunc(e.Repairs, func(a, b event.Repair) int { return strings.Compare(a.Code+a.From, b.Code+b.From) })
		if _, ok := all[e.ID]; ok {
			s.t.Errorf("row %s is there twice", e.ID)
		}
		all[e.ID] = e
	}
	return all
}

// TestOrderAndRepetitionOfTelemetryDoNotMatter sends what real clients export in another order, with a
// restart between, and all of it again: the result is the same.
func TestOrderAndRepetitionOfTelemetryDoNotMatter(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	runner := clienttest.NewRunner(t, root)
	s := start(t, t.TempDir(), nil)
	between, requests := s.record()
	through := &server{App: s.App, t: t}
	for _, c := range otlpClients() {
		if c.name == "vercel protobuf" || c.name == "go old" {
			through.runOTLPAt(runner, c, between)
		}
	}
	s.settleTraces()
	want := s.meaning()
	messages := 0
	for _, e := range want {
		if e.Kind == event.KindMessage {
			messages++
		}
	}
	if messages != 10 {
		t.Fatalf("%d messages, want 5 questions and 3 answers of the one client, a question and an answer of the other", messages)
	}
	all := requests()
	for _, r := range all {
		s.resend(r)
	}
	s.settleTraces()
	if d := cmp.Diff(want, s.meaning()); d != "" {
		t.Errorf("sending it all again changes (-before +after):\n%s", d)
	}
	s.stop()

	f := func(name string, order []recorded) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := start(t, dir, nil)
			half := len(order) / 2
			for _, r := range order[:half] {
				s.resend(r)
			}
			s.settle()
			s.stop()
			s = start(t, dir, nil)
			for _, r := range order[half:] {
				s.resend(r)
			}
			s.settleTraces()
			if d := cmp.Diff(want, s.meaning()); d != "" {
				t.Errorf("the other order gives other rows (-want +got):\n%s", d)
			}
		})
	}
	logsFirst := slices.Clone(all)
	slices.SortStableFunc(logsFirst, func(a, b recorded) int { return strings.Compare(a.path, b.path) })
	f("logs before traces", logsFirst)
	slices.Reverse(logsFirst)
	f("traces before logs", logsFirst)
}

// TestBrowserAndBackendAreOneConversation instruments a conversation on both sides, as teams do who come
// from product analytics and from tracing.
func TestBrowserAndBackendAreOneConversation(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	runner := clienttest.NewRunner(t, root)
	s := start(t, t.TempDir(), nil)
	client := otlpClients()[slices.IndexFunc(otlpClients(), func(c otlpClient) bool { return c.name == "go new" })]
	browser := func(r otlpReport, at time.Time) {
		said := func(id, event, body string) string {
			return fmt.Sprintf(`{"type":"track","messageId":%q,"userId":%q,"event":%q,"timestamp":%q,"properties":{"conversationId":%q,"messageId":%q,"message_body":%q}}`,
				"browser-"+r.ConversationID+id, r.UserID, event, at.Format(time.RFC3339Nano), r.ConversationID, id, body)
		}
		s.post(testKey, said("m1", "Message Sent", r.Turns[0].Prompt), said("m2", "Message Received", r.Turns[0].Response))
	}
	after := s.runOTLP(runner, client)
	s.settleTraces()
	browser(after, time.Now())
	before := s.runOTLP(runner, client) // its spans are stored, and not derived yet
	browser(before, time.Now())
	s.settleTraces()
	for _, r := range []otlpReport{after, before} {
		var c struct {
			Conversation event.Conversation
			Events       []event.Event
		}
		s.get("conversations/"+url.PathEscape(r.ConversationID), &c)
		if got := c.Conversation; got.Messages != 2 || got.UserMessages != 1 || got.AgentMessages != 1 || got.ModelCalls != 2 || *got.InputTokens != 90 || *got.OutputTokens != 16 {
			t.Errorf("conversation has %d messages, %d calls, %v and %v tokens", got.Messages, got.ModelCalls, *got.InputTokens, *got.OutputTokens)
		}
		answered := false
		for _, e := range c.Events {
			if e.Kind == event.KindMessage && e.Vocabulary != "segment" {
				t.Errorf("message %s is derived, though the browser sent it", e.ID)
			}
			answered = answered || e.Kind == event.KindGeneration && e.MessageID == "m2" && e.LatencyMS != nil && *e.OutputTokens == 9
		}
		if !answered {
			t.Error("no model call is linked to the browser's message m2")
		}
	}
}

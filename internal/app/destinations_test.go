package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/debrief-dev/debrief/internal/api"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// hook is a webhook's receiver that verifies what it gets.
type hook struct {
	t   *testing.T
	url string

	mu     sync.Mutex
	refuse string // messageIds with this in them get 400
	events []string
	bodies []string
}

func startHook(t *testing.T) *hook {
	h := &hook{t: t}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.url = s.URL + "/hook/s3cret-path"
	return h
}

// ServeHTTP implements http.Handler.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err == nil {
		err = verifier.Verify(body, r.Header)
	}
	if err != nil {
		h.t.Errorf("signature: %v", err)
	}
	var call struct{ Event, MessageID string }
	if err := json.Unmarshal(body, &call); err != nil {
		h.t.Errorf("body %s: %v", body, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != "" && strings.Contains(call.MessageID, h.refuse) {
		http.Error(w, "what is "+string(body), http.StatusBadRequest)
		return
	}
	h.events, h.bodies = append(h.events, call.MessageID), append(h.bodies, string(body))
}

func (h *hook) got() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

func (h *hook) refuses(ids string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = ids
}

// destination asks how one is doing.
func (s *server) destination(id string) api.Destination {
	s.t.Helper()
	var d api.Destination
	s.change(http.MethodGet, "destinations/"+id, "", &d)
	return d
}

func (s *server) addHook(h *hook, more string) api.Destination {
	s.t.Helper()
	var d api.Destination
	s.change(http.MethodPost, "destinations", fmt.Sprintf(`{"name":"hook","kind":"webhook","settings":{"url":%q,"secret":%q}%s}`, h.url, hookSecret, more), &d)
	return d
}

func track(id, user, event string) string {
	return fmt.Sprintf(`{"type":"track","messageId":%q,"userId":%q,"event":%q,"properties":{"note":"hunter2"}}`, id, user, event)
}

func TestAcceptedCallsReachAWebhook(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	h := startHook(t)
	s.follow(narrowPlan, blocking)
	d := s.addHook(h, `,"filter":{"types":["track"],"except":["Message Received"]}`)
	s.post(testKey, track("event-0000000000001", "ada", "Message Sent"), track("event-0000000000002", "ada", "Unplanned"),
		track("event-0000000000003", "ada", "Message Received"), track("event-0000000000004", "ada", "Conversation Started"))
	want := []string{"event-0000000000001", "event-0000000000004"}
	s.until("two calls arrive", func() bool { return len(h.got()) >= 2 })
	if got := h.got(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: the second is blocked, the third left out", got, want)
	}
	s.until("they are counted", func() bool {
		var out api.Deliveries
		s.change(http.MethodGet, "destinations/"+d.ID+"/deliveries", "", &out)
		counts := map[string]int64{}
		for _, c := range out.Totals {
			counts[c.Step] = c.Count
		}
		return counts["delivered"] == 2 && counts["filtered"] == 1 && counts["received"] == 3
	})
	f := func(id, want string) {
		t.Helper()
		var j api.Journey
		s.get("events/"+id+"/journey", &j)
		if got := j.Steps[len(j.Steps)-1]; got.State+", "+got.Summary != want {
			t.Errorf("journey of %s: %s, %s; want %s", id, got.State, got.Summary, want)
		}
	}
	f("event-0000000000001", "done, "+d.Name+": handed on")
	f("event-0000000000003", "skipped, "+d.Name+": filtered")
	if d := s.destination(d.ID); d.Health.State != "working" || d.Health.LatencyP95 <= 0 || d.Health.LastAt == nil {
		t.Errorf("health %+v", d.Health)
	}
}

func TestDeadLettersAreShownWithoutContentAndReplayed(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	h := startHook(t)
	h.refuses("bad")
	d := s.addHook(h, "")
	s.post(testKey, track("event-good-00000001", "ada", "Fine"), track("event-bad-000000001", "ada", "Not fine"), track("event-good-00000002", "ada", "Fine"))
	var page api.DeadLetters
	s.until("one is given up", func() bool {
		s.change(http.MethodGet, "destinations/"+d.ID+"/dead-letters", "", &page)
		return page.Total == 1 && len(h.got()) == 2
	})
	l := page.DeadLetters[0]
	if l.EventID != "event-bad-000000001" || l.Code != "400" || l.Event != "Not fine" || strings.Contains(l.Reason, "hunter2") || l.Reason == "" {
		t.Errorf("dead letter %+v", l)
	}
	var j api.Journey
	s.get("events/event-bad-000000001/journey", &j)
	if got := j.Steps[len(j.Steps)-1]; got.State != "stopped" || got.Summary != d.Name+": gave up after 1 attempt (400)" || strings.Contains(string(got.Payload), "hunter2") {
		t.Errorf("journey of a dead letter: %s, %s", got.State, got.Summary)
	}
	h.refuses("")
	var answer struct{ Replayed int64 }
	s.change(http.MethodPost, "destinations/"+d.ID+"/dead-letters/replay", `{"ids":["`+l.ID+`"]}`, &answer)
	s.until("it arrives", func() bool { return slices.Contains(h.got(), "event-bad-000000001") })
	s.until("none is left", func() bool { return s.destination(d.ID).Health.Dead == 0 })
}

func TestSecretsOfDestinationsAreNeverShown(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	h := startHook(t)
	d := s.addHook(h, "")
	if !slices.Equal(d.SecretsSet, []string{"secret", "url"}) {
		t.Errorf("secrets that are set: %q", d.SecretsSet)
	}
	status, text := s.do(http.MethodGet, "/api/v1/destinations", "")
	if status != http.StatusOK || strings.Contains(text, "s3cret") || strings.Contains(text, hookSecret) {
		t.Errorf("the list: %d %s", status, text)
	}
	files, err := filepath.Glob(filepath.Join(s.cfg.Data, "debrief.sqlite*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "s3cret-path") || strings.Contains(string(content), hookSecret) {
			t.Errorf("a secret stands in %s", name)
		}
	}
	s.change(http.MethodPatch, "destinations/"+d.ID, `{"name":"renamed"}`, nil)
	var test api.DestinationTest
	s.change(http.MethodPost, "destinations/"+d.ID+"/test", "", &test)
	if !test.OK {
		t.Errorf("after a change without the secrets: %+v", test)
	}
	for _, bad := range []string{`{"name":"x","kind":"nothing","settings":{}}`, `{"name":"x","kind":"webhook","settings":{"url":"ftp://x"}}`,
		`{"name":"x","kind":"webhook","settings":{"url":"http://x"},"mapping":{"@pth":"x"}}`, `{"name":" ","kind":"webhook","settings":{"url":"http://x"}}`} {
		if status, text := s.do(http.MethodPost, "/api/v1/destinations", bad); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, status, text)
		}
	}
}

func TestABackfillSendsStoredCalls(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, track("event-0000000000001", "ada", "Early"), track("event-0000000000002", "ada", "Early"))
	s.settle()
	h := startHook(t)
	d := s.addHook(h, "")
	var b api.Backfill
	s.change(http.MethodPost, "destinations/"+d.ID+"/backfill", `{"from":"2020-01-01T00:00:00Z","until":"2100-01-01T00:00:00Z"}`, &b)
	if b.Total != 2 || b.State != "running" {
		t.Errorf("backfill %+v", b)
	}
	s.until("it is done", func() bool {
		var out struct{ Backfills []api.Backfill }
		s.change(http.MethodGet, "destinations/"+d.ID+"/backfill", "", &out)
		return len(out.Backfills) == 1 && out.Backfills[0].State == "done" && out.Backfills[0].Done == 2
	})
	if got := h.got(); !slices.Equal(got, []string{"event-0000000000001", "event-0000000000002"}) {
		t.Errorf("got %q", got)
	}
}

func TestALaterDestinationGetsWhatIsComputed(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	other := startHook(t)
	first := s.addHook(other, `,"filter":{"sources":["computed"]}`)
	s.change(http.MethodPost, "traits", `{"key":"sent","name":"Sent","emit":"identify","definition":{"of":"events","where":["source_event:eq:Message Sent"],"aggregate":"count"}}`, nil)
	s.post(testKey, track("event-0000000000001", "ada", "Message Sent"), track("event-0000000000002", "bob", "Message Sent"))
	s.until("changes arrive", func() bool { return len(other.got()) == 2 })

	h := startHook(t)
	var d api.Destination
	s.change(http.MethodPost, "destinations", fmt.Sprintf(`{"name":"later","kind":"webhook","settings":{"url":%q,"secret":%q}}`, h.url, hookSecret), &d)
	s.change(http.MethodPatch, "traits/sent", `{"destinations":["`+d.ID+`"]}`, nil)
	var b api.Backfill
	s.change(http.MethodPost, "destinations/"+d.ID+"/backfill", `{"computed":true}`, &b)
	if b.Total != 2 || !b.Computed || b.State != "running" {
		t.Errorf("backfill %+v", b)
	}
	s.until("it is done", func() bool {
		var out struct{ Backfills []api.Backfill }
		s.change(http.MethodGet, "destinations/"+d.ID+"/backfill", "", &out)
		return len(out.Backfills) == 1 && out.Backfills[0].State == "done" && out.Backfills[0].Done == 2
	})
	s.post(testKey, track("event-0000000000003", "ada", "Message Sent"))
	s.until("a change arrives", func() bool {
		return slices.ContainsFunc(h.sent(), func(b string) bool { return strings.Contains(b, `{"sent":2}`) })
	})
	all := h.sent()
	for _, person := range []string{"ada", "bob"} { // in either order: people do not wait for each other
		if !slices.ContainsFunc(all, func(b string) bool {
			return strings.Contains(b, `"userId":"`+person+`"`) && strings.Contains(b, `"traits":{"sent":1}`)
		}) {
			t.Errorf("the later one got nothing of %s: %q", person, all)
		}
	}
	if text := strings.Join(all, ""); strings.Contains(text, "integrations") {
		t.Errorf("ids of ours are handed on: %s", text)
	}
	if got := other.got(); len(got) != 2 {
		t.Errorf("%s got %q, though only another is told", first.ID, got)
	}
}

// sent are the bodies that arrived.
func (h *hook) sent() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.bodies)
}

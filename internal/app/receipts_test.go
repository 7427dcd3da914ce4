package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/journey"
	"github.com/debrief-dev/debrief/internal/metastore"
)

func TestReceiptsTellWhatBecameOfCalls(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, blocking)
	short := `{"type":"track","messageId":"m-7","userId":"ada","event":"Message Sent","properties":{"conversationId":"c2","message_body":"hi"}}`
	s.post(testKey, append(conversation(), short, `{"type":"track","userId":"ada","messageId":"refused-call-0000001"}`)...)
	s.post(testKey, call("1", "Conversation Started", `"x":1`))
	s.settle()
	want := map[string]string{
		"event-id-long-enough-1": "duplicate 2", "event-id-long-enough-2": "stored 1", "event-id-long-enough-4": "quarantined 1", "m-7": "stored 1",
		"refused-call-0000001": "rejected 1", "never-sent-0000000001": "unknown 0",
	}
	ids, err := json.Marshal([]string{"event-id-long-enough-1", "event-id-long-enough-2", "event-id-long-enough-4", "m-7", "refused-call-0000001", "never-sent-0000000001"})
	if err != nil {
		t.Fatal(err)
	}
	type receipts struct {
		Receipts []struct {
			ID, Status, Source string
			Copies             int
			EventID            string `json:"event_id"`
		}
	}
	var got receipts
	s.until("the tally is written", func() bool {
		s.change(http.MethodPost, "receipts", `{"ids":`+string(ids)+`}`, &got)
		return got.Receipts[0].Copies == 2 && got.Receipts[4].Status == "rejected"
	})
	for _, r := range got.Receipts {
		if have := fmt.Sprintf("%s %d", r.Status, r.Copies); have != want[r.ID] {
			t.Errorf("%s: got %s, want %s", r.ID, have, want[r.ID])
		}
	}
	if id := got.Receipts[3].EventID; !strings.HasPrefix(id, "m-7~") {
		t.Errorf("short id is stored as %s", id)
	}
	ask := func(path, key string) (int, receipts) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, s.LocalURL()+path, strings.NewReader(`{"ids":["event-id-long-enough-2"]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(key, "")
		req.Header.Set("Content-Type", "application/json")
		resp, text := s.send(req)
		var out receipts
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, out
	}
	var other struct {
		WriteKeys []string `json:"write_keys"`
	}
	s.change(http.MethodPost, "sources", `{"name":"Other"}`, &other)
	for _, path := range []string{"/api/v1/receipts", "/v1/receipts"} {
		if status, r := ask(path, testKey); status != 200 || r.Receipts[0].Status != "stored" {
			t.Errorf("%s with the write key: %d %+v", path, status, r)
		}
		if status, r := ask(path, other.WriteKeys[0]); status != 200 || r.Receipts[0].Status != "unknown" {
			t.Errorf("%s with another source's key: %d %+v", path, status, r)
		}
		if status, _ := ask(path, "no-key"); status != 401 {
			t.Errorf("%s with no key of ours: %d", path, status)
		}
	}
}

func TestJourneysTellEveryStep(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, blocking)
	s.post(testKey, append(conversation(), `{"type":"track","userId":"ada","messageId":"refused-call-0000001"}`)...)
	s.settle()
	s.until("the tally is written", func() bool { return len(s.held("rejected").Entries) == 1 })
	f := func(id, status, states string) {
		t.Helper()
		var j struct {
			Status         string
			MappingDiffers []string `json:"mapping_differs"`
			Steps          []struct{ Step, State, Rule, Summary string }
		}
		s.get("events/"+id+"/journey", &j)
		var got []string
		for _, step := range j.Steps {
			if step.State != "skipped" {
				got = append(got, step.Step+"="+step.State)
			}
		}
		if j.Status != status || strings.Join(got, " ") != states || len(j.MappingDiffers) > 0 {
			t.Errorf("%s: got %s %s, differs %v", id, j.Status, strings.Join(got, " "), j.MappingDiffers)
		}
	}
	f("event-id-long-enough-2", "stored", "accepted=done redacted=done mapped=done checked=done identified=done stored=done")
	f("event-id-long-enough-4", "quarantined", "accepted=done redacted=done mapped=done checked=stopped")
	f("refused-call-0000001", "rejected", "accepted=stopped")
	f("nobody-sent-this-one", "unknown", "")
}

func TestJourneysOfSpansSayThatNoPlanChecksThem(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, blocking)
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	status, answer := s.exportOTLP("/v1/traces", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"`+trace+`","spanId":"`+span+`","name":"chat",
		"startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225601000000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}}]}]}]}]}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	s.settle()
	var j struct {
		Steps []struct{ Step, State, Summary string }
	}
	s.get("events/"+trace+":"+span+"/journey", &j)
	if got := j.Steps[3]; got.Step != "checked" || got.State != "skipped" || got.Summary != "plans do not check spans and logs" {
		t.Errorf("got %+v", got)
	}
}

func TestCallsAreFoundWhereverTheyAre(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, blocking)
	short := `{"type":"track","messageId":"r-7","userId":"ada","event":"Feedback Submitted","properties":{"conversationId":"c2","rating":5}}`
	s.post(testKey, append(conversation(), short)...)
	s.settle()
	f := func(r *journey.Receipts, id, source, want string) {
		t.Helper()
		got, err := r.Receipts(t.Context(), source, []string{id})
		if err != nil || len(got) != 1 || got[0].Status != want {
			t.Errorf("%s of %q: %+v, %v; want %s", id, source, got, err, want)
		}
	}
	f(s.receipts, "r-7", "", "quarantined")
	f(s.receipts, s.held("held").Entries[0].EventID, "", "quarantined")
	f(s.receipts, "r-", "", "unknown")
	f(s.receipts, "event-id-long-enough-2", "other", "unknown")
	f(s.receipts, "event-id-long-enough-4", "other", "unknown")
	// While nothing is stored yet, the log has them; a pipeline that stands at the beginning has read none.
	w, err := s.meta.Workspace(t.Context(), metastore.DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	c := s.journeyConfig(w)
	c.Store, c.Cursor = memstore.New(), func() eventlog.Position { return 0 }
	behind := journey.New(c)
	f(behind, "event-id-long-enough-2", "", "pending")
	f(behind, "event-id-long-enough-2", "other", "unknown")
	j, err := behind.Journey(t.Context(), "event-id-long-enough-2")
	if err != nil || j.Steps[0].State != "done" || j.Steps[5].State != "waiting" {
		t.Errorf("journey of a call in the log: %+v, %v", j, err)
	}
}

func TestPagesOfAnyOriginMayAskForReceipts(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	ask := func(method string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, s.LocalURL()+"/v1/receipts", strings.NewReader(`{"ids":["x"]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(testKey, "")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", "https://app.example")
		resp, _ := s.send(req)
		return resp
	}
	for method, want := range map[string]int{http.MethodOptions: 204, http.MethodPost: 200} {
		if resp := ask(method); resp.StatusCode != want || resp.Header.Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Errorf("%s: %s %v", method, resp.Status, resp.Header)
		}
	}
}

func TestJourneysReadCallsAsTheyWereStored(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, append(conversation(),
		`{"type":"identify","userId":"ada","messageId":"identify-call-00001","traits":{"plan":"free"}}`,
		`{"type":"group","userId":"ada","groupId":"g1","messageId":"group-call-0000001"}`,
		`{"type":"alias","userId":"ada","previousId":"anon","messageId":"alias-call-0000001"}`,
		`{"type":"page","userId":"ada","name":"Home","messageId":"page-call-00000001"}`,
		`{"type":"screen","userId":"ada","name":"Home","messageId":"7"}`,
		`{"type":"Track","userId":"ada","event":"message_sent","messageId":"m-1","timestamp":"2026-01-02T03:04:05Z","sentAt":"2026-01-02T03:04:06Z","properties":{"conversationId":7}}`,
	)...)
	s.settle()
	events := s.export()
	if len(events) != 11 {
		t.Errorf("%d events", len(events))
	}
	for _, e := range events {
		j, err := s.receipts.Journey(t.Context(), e.ID)
		if err != nil || j.Status != "stored" || len(j.MappingDiffers) > 0 || j.Steps[2].State != "done" {
			t.Errorf("%s: %v, %s, differs in %v", e.ID, err, j.Status, j.MappingDiffers)
		}
	}
	// A mapping that has changed is told.
	if _, err := s.meta.UpdateSource(t.Context(), "default", "default", metastore.SourceChange{RatingScale: new("0-10"), Settings: map[string]string{metastore.SettingIDNamespace: "x:"}}); err != nil {
		t.Fatal(err)
	}
	if j, err := s.receipts.Journey(t.Context(), "event-id-long-enough-2"); err != nil || strings.Join(j.MappingDiffers, " ") != "conversation_id" {
		t.Errorf("after a change of settings: %v, %v", j.MappingDiffers, err)
	}
}

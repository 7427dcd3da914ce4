package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// The plan of a copilot that forbids the rating which conversation sends, and the mended one.
const (
	narrowPlan = `# what the web app sends
name: web
events:
  - name: Conversation Started
  - name: Message Sent
  - name: Message Received
  - name: Item Purchased
  - name: Feedback Submitted
    schema:
      type: object
      required: [rating]
      properties: {rating: {type: integer, maximum: 4}}
`
	blocking = `{"track":{"unplanned_events":"block","violations":"quarantine","unplanned_properties":"allow"}}`
)

func mended() string { return strings.Replace(narrowPlan, "maximum: 4", "maximum: 5", 1) }

// change asks the API to change something and reads the answer.
func (s *server) change(method, path, body string, into any) {
	s.t.Helper()
	status, text := s.do(method, "/api/v1/"+path, body)
	if status >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

func quotedJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (s *server) follow(text, enforcement string) {
	s.t.Helper()
	s.change(http.MethodPost, "plans", `{"text":`+quotedJSON(text)+`}`, nil)
	s.change(http.MethodPut, "sources/default/plan", `{"plan":"web","enforcement":`+enforcement+`}`, nil)
}

type quarantined struct {
	Entries []struct {
		ID, Status, Action, Event, Call string
		EventID                         string `json:"event_id"`
		Violations                      []struct{ Kind, Field string }
	}
}

func (s *server) held(status string) quarantined {
	s.t.Helper()
	var q quarantined
	s.get("quarantine?status="+status, &q)
	return q
}

type replayJob struct {
	ID, State                string
	Total, Waiting, Replayed int64
	HeldAgain                int64 `json:"held_again"`
}

// replay lets through what is held, and waits for the end.
func (s *server) replay(selection string) replayJob {
	s.t.Helper()
	var j replayJob
	s.change(http.MethodPost, "quarantine/replay", selection, &j)
	s.until("the replay is done", func() bool { s.get("quarantine/jobs/"+j.ID, &j); return j.State == "done" })
	return j
}

func TestBlockedCallsComeBackOnceThePlanIsMended(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.follow(narrowPlan, blocking)
	s.post(testKey, append(conversation(), call("6", "Mesage Sent", `"x":1`))...)
	s.post(testKey, conversation()...) // everything again
	s.settle()
	if got := s.figures(); strings.Contains(got, "satisfaction=1") || !strings.Contains(got, "events=4") {
		t.Errorf("a blocked rating is in the figures: %s", got)
	}
	q := s.held("held")
	if len(q.Entries) != 2 || q.Entries[0].Action != "block" || q.Entries[1].Action != "quarantine" || q.Entries[1].EventID != "event-id-long-enough-4" {
		t.Fatalf("held: %+v", q)
	}
	if j := s.replay(`{"filter":{}}`); j.Replayed != 0 || j.HeldAgain != 2 {
		t.Errorf("replay by the same plan: %+v", j)
	}
	s.stop()
	s = start(t, dir, nil)
	var p struct{ Version int }
	s.change(http.MethodPut, "plans/web", `{"text":`+quotedJSON(mended())+`,"version":1}`, &p)
	if status, _ := s.do(http.MethodPut, "/api/v1/plans/web", `{"text":`+quotedJSON(narrowPlan)+`,"version":1}`); status != http.StatusConflict || p.Version != 2 {
		t.Errorf("a change of an old version: %d; version %d", status, p.Version)
	}
	if j := s.replay(`{"filter":{"source":"default"}}`); j.Total != 2 || j.Replayed != 1 || j.HeldAgain != 1 {
		t.Errorf("replay by the mended plan: %+v", j)
	}
	if got := s.figures(); got != wantFigures {
		t.Errorf("got  %s\nwant %s", got, wantFigures)
	}
	q = s.held("held")
	if len(q.Entries) != 1 || q.Entries[0].Event != "Mesage Sent" {
		t.Fatalf("held after the replay: %+v", q)
	}
	var d struct{ Discarded int }
	s.change(http.MethodPost, "quarantine/discard", fmt.Sprintf(`{"ids":[%q]}`, q.Entries[0].ID), &d)
	if d.Discarded != 1 || len(s.held("discarded").Entries) != 1 || len(s.held("replayed").Entries) != 1 {
		t.Errorf("discarded %d", d.Discarded)
	}
	if j := s.replay(`{"filter":{}}`); j.Total != 0 {
		t.Errorf("replay of nothing: %+v", j)
	}
}

func TestViolationsAreCountedOnce(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, `{}`) // let everything through
	s.post(testKey, conversation()...)
	s.post(testKey, conversation()...)
	s.settle()
	var v struct {
		Violations []struct {
			Kind, Field string
			Count       int
			Version     int
			Series      []struct{ Count int }
			Examples    []string
		}
		Total int
	}
	s.until("the violation is counted", func() bool { s.get("violations?source=default&kind=constraint", &v); return v.Total > 0 })
	if v.Total != 1 || v.Violations[0].Count != 1 || v.Violations[0].Version != 1 || len(v.Violations[0].Series) != 1 || len(v.Violations[0].Examples) != 1 {
		t.Errorf("violations %+v", v)
	}
	s.until("the repetitions are counted", func() bool {
		var q struct{ Duplicates int64 }
		s.get("sources/default/quality", &q)
		return q.Duplicates == 5
	})
	if got := s.figures(); got != wantFigures {
		t.Errorf("a source that allows everything: %s", got)
	}
}

func TestViolationsOfReplayedCallsAreCountedOnce(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.follow(narrowPlan, blocking)
	s.post(testKey, conversation()...)
	s.settle()
	s.change(http.MethodPut, "sources/default/plan", `{"plan":"web","enforcement":{}}`, nil) // let everything through
	if j := s.replay(`{"filter":{}}`); j.Replayed != 1 {
		t.Fatalf("replay: %+v", j)
	}
	s.post(testKey, call("9", "Feedback Submitted", `"conversationId":"c","rating":9`)) // its tally comes after that of the replay
	s.settle()
	var v struct{ Violations []struct{ Count int } }
	s.until("the later call is counted", func() bool {
		s.get("violations?source=default&kind=constraint", &v)
		return len(v.Violations) == 1 && v.Violations[0].Count > 1
	})
	if v.Violations[0].Count != 2 {
		t.Errorf("violations %+v, want one of each call", v)
	}
}

func TestPlansAreTestedBeforeTheyArePublished(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, conversation()...)
	s.settle()
	s.follow(mended(), `{}`)
	var r struct {
		LookedAt   int `json:"looked_at"`
		Conforming int
		Actions    map[string]int
		Violations []struct {
			Kind, Field string
			Count       int
		}
	}
	s.change(http.MethodPost, "plans/web/test", `{"source":"default","text":`+quotedJSON(narrowPlan)+`,"enforcement":`+blocking+`}`, &r)
	if r.LookedAt != 5 || r.Actions["quarantine"] != 1 {
		t.Errorf("draft: %+v", r)
	}
	s.change(http.MethodPost, "plans/web/test", `{"source":"default","enforcement":`+blocking+`}`, &r)
	if r.LookedAt != 5 || r.Actions["quarantine"] != 0 {
		t.Errorf("stored plan: %+v", r)
	}
}

func TestPlanThatCannotBeUsedStopsNothing(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.follow(narrowPlan, blocking)
	// A newer version that this program cannot compile, as one of another program might be.
	if _, err := s.meta.PutPlan(t.Context(), "default", planVersion("web", "name: web\nevents: [{name: X, schema: {type: nonsense}}]\n"), 0); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		var p struct {
			Applied int    `json:"applied_version"`
			Problem string `json:"problem"`
		}
		s.get("sources/default/plan", &p)
		var status struct{ Problems []struct{ Part string } }
		s.get("status", &status)
		if p.Applied != 1 || p.Problem == "" || len(status.Problems) != 1 || status.Problems[0].Part != "plans" {
			t.Errorf("setting %+v, status %+v", p, status)
		}
	}
	if err := s.enforcers.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	check()
	s.stop()
	s = start(t, dir, nil)
	check()
	s.post(testKey, conversation()...)
	s.settle()
	if n := len(s.held("held").Entries); n != 1 {
		t.Errorf("%d calls held by the version that can be used, want 1", n)
	}
}

func planVersion(name, text string) metastore.PlanVersion {
	return metastore.PlanVersion{Plan: name, Text: text}
}

func TestBuiltInPlansAreReadFollowedAndCopied(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var list struct {
		Plans []struct {
			Name    string
			Builtin bool
			Events  int
		}
	}
	s.get("plans", &list)
	if len(list.Plans) < 5 {
		t.Errorf("plans %+v", list.Plans)
	}
	for _, p := range list.Plans {
		var full struct {
			Builtin  bool
			Version  int
			Document struct{ Events []any }
			Problems []struct{ Severity, Message string }
		}
		s.get("plans/"+p.Name, &full)
		if !p.Builtin || !full.Builtin || full.Version != 1 || len(full.Document.Events) != p.Events {
			t.Errorf("%s: %+v", p.Name, full)
		}
		for _, x := range full.Problems {
			if x.Severity == "error" {
				t.Errorf("%s: %s", p.Name, x.Message)
			}
		}
		var followed struct {
			Applied int    `json:"applied_version"`
			Problem string `json:"problem"`
		}
		s.change(http.MethodPut, "sources/default/plan", `{"plan":"`+p.Name+`"}`, &followed)
		if followed.Applied != 1 || followed.Problem != "" {
			t.Errorf("a source that follows %s: %+v", p.Name, followed)
		}
		s.change(http.MethodPost, "plans", `{"builtin":"`+p.Name+`","name":"my-`+p.Name+`"}`, nil)
		for method, body := range map[string]string{http.MethodPut: `{"text":` + quotedJSON(strings.Replace(narrowPlan, "name: web", "name: "+p.Name, 1)) + `}`, http.MethodDelete: ""} {
			if status, text := s.do(method, "/api/v1/plans/"+p.Name, body); status != http.StatusConflict {
				t.Errorf("%s of the built-in plan %s: %d %s", method, p.Name, status, text)
			}
		}
	}
	s.post(testKey, conversation()...)
	s.settle()
	if got := s.figures(); got != wantFigures {
		t.Errorf("a built-in plan that allows everything: %s", got)
	}
}

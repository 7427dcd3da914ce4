package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const webPlan = "# ours\nname: web\ndescription: What the web sends\nevents:\n  - name: Rated\n    schema: {type: object, properties: {rating: {type: integer, maximum: 4}}}\n"

func body(members ...any) string {
	m := map[string]any{}
	for i := 0; i < len(members); i += 2 {
		m[members[i].(string)] = members[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// change sends what must be answered with a status.
func (a *running) change(t *testing.T, method, target, body string, status int) map[string]any {
	t.Helper()
	res, answer := a.send(t, method, "/api/v1/"+target, body)
	if res.StatusCode != status {
		t.Fatalf("%s %s: got %s %s, want %d", method, target, res.Status, answer, status)
	}
	if len(answer) == 0 {
		return nil
	}
	return decoded(t, answer)
}

func TestPlansAreMadeChangedComparedAndRemoved(t *testing.T) {
	a := start(t, withPlans(newPlanMemory()))
	made := a.change(t, http.MethodPost, "plans", body("text", webPlan, "note", "x"), 201)
	if part(t, made, "name") != "web" || part(t, made, "text") != webPlan || part(t, made, "document", "events", 0, "name") != "Rated" || part(t, made, "description") != "What the web sends" {
		t.Errorf("made: %s", text(t, made))
	}
	a.refused(t, http.MethodPost, "/api/v1/plans", body("text", webPlan), 409, "conflict")
	copied := a.change(t, http.MethodPost, "plans", body("builtin", "screeb-2026", "name", "mine"), 201)
	if part(t, copied, "name") != "mine" || len(part(t, copied, "document", "events").([]any)) == 0 {
		t.Errorf("copied: %s", text(t, copied))
	}
	next := strings.Replace(webPlan, "maximum: 4", "maximum: 5", 1)
	if got := a.change(t, http.MethodPut, "plans/web", body("text", next, "version", 1), 200); part(t, got, "version") != 2.0 {
		t.Errorf("changed: %s", text(t, got))
	}
	a.refused(t, http.MethodPut, "/api/v1/plans/web", body("text", webPlan, "version", 1), 409, "conflict")
	req := a.request(t, http.MethodPut, "/api/v1/plans/web", body("text", webPlan))
	req.Header.Set("If-Match", `"1"`)
	if res, answer := a.do(t, req); res.StatusCode != 409 {
		t.Errorf("If-Match of an old version: %s %s", res.Status, answer)
	}
	res, _ := a.send(t, http.MethodGet, "/api/v1/plans/web", "")
	if res.Header.Get("ETag") != `"2"` {
		t.Errorf("tag %s", res.Header.Get("ETag"))
	}
	if got := a.get(t, "/api/v1/plans/web/versions/1"); part(t, got, "text") != webPlan {
		t.Errorf("version 1: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/plans/web/versions"); part(t, got, "versions", 0, "version") != 2.0 {
		t.Errorf("versions: %s", text(t, got))
	}
	diff := a.get(t, "/api/v1/plans/web/diff")
	if part(t, diff, "from") != 1.0 || len(part(t, diff, "changes").([]any)) != 1 || part(t, diff, "changes", 0, "breaking") != false {
		t.Errorf("diff: %s", text(t, diff))
	}
	if diff := a.get(t, "/api/v1/plans/web/diff?from=2&to=1"); part(t, diff, "changes", 0, "breaking") != true {
		t.Errorf("diff backwards: %s", text(t, diff))
	}
	if got := a.get(t, "/api/v1/plans"); len(part(t, got, "plans").([]any)) != 2 {
		t.Errorf("listed: %s", text(t, got))
	}
	a.change(t, http.MethodDelete, "plans/web", "", 204)
	a.refused(t, http.MethodGet, "/api/v1/plans/web", "", 404, "not_found")
	a.refused(t, http.MethodGet, "/api/v1/plans/mine/versions/x", "", 404, "not_found")
}

func TestPlansWithErrorsAreNotStored(t *testing.T) {
	a := start(t, withPlans(newPlanMemory()))
	f := func(method, target, body, says string) {
		t.Helper()
		if e := a.refused(t, method, "/api/v1/"+target, body, 400, "invalid_body"); !strings.Contains(e.Message, says) {
			t.Errorf("%s: %q does not say %q", body, e.Message, says)
		}
	}
	f(http.MethodPost, "plans", body("text", "name: web\nevents: 5\n"), "line 2")
	f(http.MethodPost, "plans", body("text", "name: web\nevents: [{name: X, schema: {type: nonsense}}]\n"), "schema")
	f(http.MethodPost, "plans", body("text", strings.Replace(webPlan, "web", "checks", 1)), "cannot be called")
	f(http.MethodPost, "plans", body("text", webPlan, "builtin", "screeb-2026"), "either")
	f(http.MethodPost, "plans", body("builtin", "nothing"), "no built-in plan")
	f(http.MethodPut, "plans/other", body("text", webPlan), `not of "other"`)
	lint := a.change(t, http.MethodPost, "plans/lint", body("text", "name: web\nevents: 5\n"), 200)
	if part(t, lint, "ok") != false || part(t, lint, "problems", 0, "line") != 2.0 || part(t, lint, "problems", 0, "path") != "events" {
		t.Errorf("lint: %s", text(t, lint))
	}
	if lint := a.change(t, http.MethodPost, "plans/lint", body("text", webPlan), 200); part(t, lint, "ok") != true || part(t, lint, "name") != "web" {
		t.Errorf("lint of a good plan: %s", text(t, lint))
	}
	big := body("text", webPlan+strings.Repeat("# a long comment\n", 20_000))
	if lint := a.change(t, http.MethodPost, "plans/lint", big, 200); part(t, lint, "ok") != true {
		t.Errorf("a plan that is larger than other bodies may be: %s", text(t, lint))
	}
}

func TestPlansAreExportedAndImported(t *testing.T) {
	a := start(t, withPlans(newPlanMemory()))
	a.change(t, http.MethodPost, "plans", body("text", webPlan), 201)
	export := func(format, typ string) []byte {
		t.Helper()
		res, answer := a.send(t, http.MethodGet, "/api/v1/plans/web/export?format="+format, "")
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != typ {
			t.Errorf("%s: %s %s", format, res.Status, res.Header.Get("Content-Type"))
		}
		return answer
	}
	if got := export("yaml", "application/yaml"); string(got) != webPlan {
		t.Errorf("YAML is not as written:\n%s", got)
	}
	if got := export("json", "application/json"); !bytes.Contains(got, []byte(`"Rated"`)) {
		t.Errorf("JSON: %s", got)
	}
	segment := export("segment", "application/json")
	dry := a.change(t, http.MethodPost, "plans/import", body("text", string(segment), "name", "back", "dry_run", true), 200)
	if part(t, dry, "name") != "back" || part(t, dry, "version") != 0.0 || part(t, dry, "document", "events", 0, "name") != "Rated" {
		t.Errorf("dry run: %s", text(t, dry))
	}
	a.refused(t, http.MethodGet, "/api/v1/plans/back", "", 404, "not_found")
	a.change(t, http.MethodPost, "plans/import", body("text", string(segment), "format", "segment", "name", "back"), 201)
	a.get(t, "/api/v1/plans/back")
	a.refused(t, http.MethodPost, "/api/v1/plans/import", body("text", "{}", "format", "avo"), 400, "invalid_body")
}

func TestPlansAreTestedOnStoredCalls(t *testing.T) {
	m := newPlanMemory()
	a := start(t, withPlans(m))
	a.mem.sources = []Source{{ID: "src_web"}}
	a.change(t, http.MethodPost, "plans", body("text", webPlan), 201)
	got := a.change(t, http.MethodPost, "plans/web/test", body("source", "src_web", "enforcement", map[string]any{"track": map[string]any{"unplanned_events": "block"}}), 200)
	looked, conforming, blocked := part(t, got, "looked_at").(float64), part(t, got, "conforming").(float64), part(t, got, "actions", "block").(float64)
	if looked != 9 || conforming+blocked > looked || blocked == 0 || len(part(t, got, "violations", 0, "examples").([]any)) == 0 {
		t.Errorf("got %s", text(t, got))
	}
	if got := a.change(t, http.MethodPost, "plans/web/test", body("source", "src_web", "limit", 2), 200); part(t, got, "looked_at") != 2.0 || part(t, got, "actions", "block") != 0.0 {
		t.Errorf("two calls, by the source's own enforcement: %s", text(t, got))
	}
	a.refused(t, http.MethodPost, "/api/v1/plans/web/test", body("source", "none"), 404, "not_found")
	a.refused(t, http.MethodPost, "/api/v1/plans/web/test", body("source", "src_web", "limit", 100_000), 400, "invalid_body")
	a.refused(t, http.MethodPost, "/api/v1/plans/none/test", body("source", "src_web"), 404, "not_found")
}

func TestSourcesFollowPlans(t *testing.T) {
	a := start(t, withPlans(newPlanMemory()))
	f := func(version any, want string) {
		t.Helper()
		got := a.change(t, http.MethodPut, "sources/src_web/plan", body("plan", "web", "version", version, "enforcement", map[string]any{"strict": true}), 200)
		if text(t, part(t, got, "version")) != want || part(t, got, "enforcement", "strict") != true {
			t.Errorf("version %v: %s", version, text(t, got))
		}
	}
	f(3, "3")
	f("latest", `"latest"`)
	if got := a.get(t, "/api/v1/sources/src_web/plan"); part(t, got, "plan") != "web" {
		t.Errorf("got %s", text(t, got))
	}
	bad := func(body string) {
		t.Helper()
		a.refused(t, http.MethodPut, "/api/v1/sources/src_web/plan", body, 400, "invalid_body")
	}
	bad(`{}`)
	bad(`{"plan":"web","version":0}`)
	bad(`{"plan":"web","version":"newest"}`)
	bad(`{"plan":"web","enforcement":{"track":{"violations":"explode"}}}`)
	a.refused(t, http.MethodGet, "/api/v1/sources/none/plan", "", 404, "not_found")
}

func TestViolationsAndChecksAreListed(t *testing.T) {
	m := newPlanMemory()
	a := start(t, withPlans(m))
	m.groups = []ViolationGroup{{Source: "src_web", Plan: "web", Version: 1, Kind: "constraint", Event: "Rated", Count: 3, FirstSeen: noon, LastSeen: noon,
		Series: []DayCount{{"2026-05-04", 3}}, Examples: []string{"evt-1"}}, {Kind: "constraint", FirstSeen: noon, LastSeen: noon}}
	if got := a.get(t, "/api/v1/violations?limit=1&from=2026-05-01&kind=constraint"); part(t, got, "total") != 2.0 || len(part(t, got, "violations").([]any)) != 1 {
		t.Errorf("got %s", text(t, got))
	}
	if q := m.asked.violations; q.Kind != "constraint" || q.From.Day() != 1 {
		t.Errorf("asked %+v", q)
	}
	a.refused(t, http.MethodGet, "/api/v1/violations?kind=odd", "", 400, "invalid_parameter")
	if got := a.get(t, "/api/v1/plans/checks"); part(t, got, "checks", 0, "kind") != "response_without_prompt" || part(t, got, "checks", 0, "count") != 1.0 {
		t.Errorf("checks: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/plans/checks?source=none"); part(t, got, "conversations") != 0.0 {
		t.Errorf("checks of no source: %s", text(t, got))
	}
}

func TestQuarantineIsListedReplayedAndDiscarded(t *testing.T) {
	m := newPlanMemory()
	m.entries = entries()
	a := start(t, withPlans(m))
	if got := a.get(t, "/api/v1/quarantine?limit=1"); part(t, got, "entries", 0, "id") != "2" || part(t, got, "next") != "2" {
		t.Errorf("page: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/quarantine?status=rejected"); part(t, got, "entries", 0, "action") != "reject" || part(t, got, "next") != nil {
		t.Errorf("rejected: %s", text(t, got))
	}
	a.get(t, "/api/v1/quarantine/summary")
	if got := a.change(t, http.MethodPost, "quarantine/replay", `{"filter":{}}`, 202); part(t, got, "total") != 2.0 {
		t.Errorf("replay: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/quarantine/jobs/1"); part(t, got, "state") != "done" {
		t.Errorf("job: %s", text(t, got))
	}
	if got := a.change(t, http.MethodPost, "quarantine/discard", `{"ids":["1","9"]}`, 200); part(t, got, "discarded") != 1.0 {
		t.Errorf("discard: %s", text(t, got))
	}
	a.refused(t, http.MethodPost, "/api/v1/quarantine/replay", `{}`, 400, "invalid_body")
	a.refused(t, http.MethodPost, "/api/v1/quarantine/discard", `{"ids":["1"],"filter":{}}`, 400, "invalid_body")
	a.refused(t, http.MethodGet, "/api/v1/quarantine?status=lost", "", 400, "invalid_parameter")
	a.refused(t, http.MethodGet, "/api/v1/quarantine/jobs/7", "", 404, "not_found")
}

func TestReceiptsAreGivenByToken(t *testing.T) {
	m := newPlanMemory()
	m.receipts["evt-1"] = Receipt{ID: "evt-1", Status: "stored", EventID: "evt-1", Source: "src_web", Copies: 1, At: noon}
	guard := func(c *Config) {
		c.Guard = func(_ Role, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer token" {
					WriteError(w, http.StatusUnauthorized, "unauthorized", "who are you?")
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	a := start(t, withPlans(m), guard)
	ask := func(set func(*http.Request), status int, source string) {
		t.Helper()
		m.asked.source = "nobody asked"
		req := a.request(t, http.MethodPost, "/api/v1/receipts", `{"ids":["evt-1","evt-9"]}`)
		set(req)
		res, answer := a.do(t, req)
		if res.StatusCode != status || status == 200 && (m.asked.source != source || !strings.Contains(string(answer), `"unknown"`)) {
			t.Errorf("got %s %s, asked for %q", res.Status, answer, m.asked.source)
		}
	}
	ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer token") }, 200, "")
	ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer wk_1") }, 200, "src_web")
	ask(func(r *http.Request) { r.SetBasicAuth("wk_1", "") }, 200, "src_web")
	ask(func(r *http.Request) { r.SetBasicAuth("wk_2", "") }, 401, "")
	ask(func(*http.Request) {}, 401, "")
}

func TestReceiptsAndJourneysAreBounded(t *testing.T) {
	m := newPlanMemory()
	m.receipts["evt-1"] = Receipt{ID: "evt-1", Status: "stored", EventID: "evt-1"}
	a := start(t, withPlans(m))
	ids := make([]string, maxReceipts+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("evt-%012d", i)
	}
	a.change(t, http.MethodPost, "receipts", body("ids", ids[:maxReceipts]), 200)
	a.refused(t, http.MethodPost, "/api/v1/receipts", body("ids", ids), 400, "invalid_body")
	for i := range ids {
		ids[i] = fmt.Sprint("evt-", i)
	}
	a.change(t, http.MethodPost, "receipts", body("ids", ids[:maxShortReceipts]), 200)
	a.refused(t, http.MethodPost, "/api/v1/receipts", body("ids", ids[:maxShortReceipts+1]), 400, "invalid_body")
	a.refused(t, http.MethodPost, "/api/v1/receipts", `{"ids":[""]}`, 400, "invalid_body")
	a.refused(t, http.MethodPost, "/api/v1/receipts", `{}`, 400, "invalid_body")
	if got := a.get(t, "/api/v1/events/evt-1/journey"); part(t, got, "steps", 0, "payload", "type") != "track" {
		t.Errorf("journey: %s", text(t, got))
	}
	if got := a.get(t, "/api/v1/events/none/journey"); part(t, got, "status") != "unknown" {
		t.Errorf("journey of nothing: %s", text(t, got))
	}
}

// stalled gives receipts once it is let.
type stalled struct {
	*planMemory
	asked, let chan struct{}
}

func (s stalled) Receipts(ctx context.Context, source string, ids []string) ([]Receipt, error) {
	if source == "" {
		return s.planMemory.Receipts(ctx, source, ids)
	}
	s.asked <- struct{}{}
	<-s.let
	return []Receipt{{ID: "x", Status: "unknown"}}, nil
}

func TestClientsThatAskForReceiptsDoNotStopMembers(t *testing.T) {
	r := stalled{newPlanMemory(), make(chan struct{}, 100), make(chan struct{})}
	a := start(t, withPlans(r.planMemory), func(c *Config) { c.Receipts, c.Queries = r, 1 })
	answers := make(chan int, 2)
	for range 2 {
		req := a.request(t, http.MethodPost, "/api/v1/receipts", `{"ids":["x"]}`)
		req.SetBasicAuth("wk_1", "")
		go func() {
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				answers <- 0
				return
			}
			res.Body.Close()
			answers <- res.StatusCode
		}()
	}
	<-r.asked
	a.change(t, http.MethodPost, "receipts", `{"ids":["x"]}`, 200)
	a.get(t, "/api/v1/metrics/events")
	if len(r.asked) > 0 {
		t.Error("two questions of clients are asked at once")
	}
	close(r.let)
	for range 2 {
		if got := <-answers; got != http.StatusOK {
			t.Errorf("a client that waited: %d", got)
		}
	}
}

package api

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

func TestConversationsPageThroughAll(t *testing.T) {
	a := start(t)
	f := func(params string, want ...string) {
		t.Helper()
		var got []string
		target := "/api/v1/conversations?limit=1&" + params
		for page := target; page != ""; {
			answer := a.get(t, page)
			if n := part(t, answer, "total"); n != float64(len(want)) {
				t.Errorf("%s: total %v, want %d", page, n, len(want))
			}
			for _, c := range part(t, answer, "conversations").([]any) {
				got = append(got, part(t, c, "conversation_id").(string))
			}
			page = ""
			if next, ok := part(t, answer, "next").(string); ok {
				page = target + "&after=" + url.QueryEscape(next)
			}
		}
		if strings.Join(got, " | ") != strings.Join(want, " | ") {
			t.Errorf("%s: got %q, want %q", params, got, want)
		}
	}
	f("", "c/2 ü", "c1", "c3")
	f("desc=false", "c3", "c1", "c/2 ü")
	f("sort=messages", "c1", "c3", "c/2 ü")
	f("sort=at", "c/2 ü", "c1", "c3")
	f("from=2026-05-04&until=2026-05-05", "c1")
	f("filter=person:eq:ada", "c/2 ü", "c1")
	f("q=hyperlink", "c/2 ü")
	f("filter=mode:exists")
}

func TestFacetCountsAreTheRowsThatTheyOpen(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/conversations/facets?fields=channel,tool_name,user_id,ended,hour_of_day")
	for _, facet := range part(t, got, "facets").([]any) {
		field := part(t, facet, "field").(string)
		for _, v := range part(t, facet, "values").([]any) {
			cond := "!" + field + ":exists"
			if value, ok := part(t, v, "value").(string); ok {
				cond = field + ":eq:" + value
			}
			opened := a.get(t, "/api/v1/conversations?filter="+url.QueryEscape(cond))
			if part(t, opened, "total") != part(t, v, "count") {
				t.Errorf("%s: facet says %v, list %v", cond, part(t, v, "count"), part(t, opened, "total"))
			}
		}
	}
	if g := text(t, part(t, got, "facets", 0, "values")); g != `[{"count":2,"value":"web"},{"count":1,"value":"app"}]` {
		t.Errorf("channel: got %s", g)
	}
	if g := text(t, part(t, a.get(t, "/api/v1/conversations/facets?fields=channel&limit=1"), "facets", 0, "more")); g != "1" {
		t.Errorf("more: got %s, want 1", g)
	}
}

func TestConversationByAnyID(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/conversations/c%2F2%20%C3%BC")
	if g := part(t, got, "events", 0, "body"); !strings.Contains(g.(string), `<b>&"quoted"`) {
		t.Errorf("body: got %q", g)
	}
	got = a.get(t, "/api/v1/conversations/c1?limit=2")
	if n := len(part(t, got, "events").([]any)); n != 2 || part(t, got, "truncated") != true {
		t.Errorf("with limit 2: got %d events, truncated %v", n, part(t, got, "truncated"))
	}
	if g := part(t, got, "conversation", "person"); g != "ada" {
		t.Errorf("person: got %v, want ada, whom the anonymous id belongs to", g)
	}
	if _, ok := part(t, got, "events", 0).(map[string]any)["raw"]; ok {
		t.Error("a transcript carries raw calls")
	}
	a.refused(t, http.MethodGet, "/api/v1/conversations/c2", "", http.StatusNotFound, "not_found")
}

func TestEventCarriesItsCall(t *testing.T) {
	a := start(t)
	id := part(t, a.get(t, "/api/v1/events?where=source_event:eq:Ghost"), "events", 0, "id").(string)
	got := a.get(t, "/api/v1/events/"+id)
	if part(t, got, "raw", "type") != "track" || text(t, part(t, got, "violations")) != `["missing_conversation_id"]` {
		t.Errorf("got %s", text(t, got))
	}
	if e := a.refused(t, http.MethodGet, "/api/v1/events/short", "", http.StatusNotFound, "not_found"); !strings.Contains(e.Message, "shorter than 16") {
		t.Errorf("a short id is refused without saying why: %s", e.Message)
	}
}

func TestEventsPageThroughAllInBothDirections(t *testing.T) {
	a := start(t)
	f := func(desc string) []string {
		t.Helper()
		var got []string
		target := "/api/v1/events?limit=2&desc=" + desc
		for page := target; page != ""; {
			answer := a.get(t, page)
			for _, e := range part(t, answer, "events").([]any) {
				got = append(got, part(t, e, "id").(string))
			}
			page = ""
			if next, ok := part(t, answer, "next").(string); ok {
				page = target + "&after=" + url.QueryEscape(next)
			}
		}
		return got
	}
	up, down := f("false"), f("true")
	if len(up) != a.events || len(down) != a.events {
		t.Fatalf("got %d and %d events, want %d", len(up), len(down), a.events)
	}
	for i := range up {
		if up[i] != down[len(down)-1-i] {
			t.Fatalf("orders differ: %v, %v", up, down)
		}
	}
}

func TestPeopleAreListedAndFoundByEveryID(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/people?limit=1")
	if g := text(t, part(t, got, "people")); g != `[{"conversations":2,"events":7,"feedback":1,"first_seen_at":"2026-05-04T12:00:00Z","id":"ada","last_seen_at":"2026-05-05T12:00:00Z","messages":3,"sessions":0,"user_messages":2}]` {
		t.Errorf("first page: %s", g)
	}
	next := part(t, got, "next").(string)
	got = a.get(t, "/api/v1/people?limit=1&after="+next)
	if part(t, got, "people", 0, "id") != "anon-2" || part(t, got, "next") != nil || part(t, got, "total") != 2.0 {
		t.Errorf("second page: %s", text(t, got))
	}
	if g := part(t, a.get(t, "/api/v1/people?sort=messages&where=person:contains:ANON"), "total"); g != 1.0 {
		t.Errorf("people like anon: got %v, want 1", g)
	}
	for _, id := range []string{"ada", "anon-1"} {
		p := a.get(t, "/api/v1/people/"+id)
		if part(t, p, "id") != "ada" || text(t, part(t, p, "anonymous_ids")) != `["anon-1"]` || part(t, p, "conversations_total") != 2.0 {
			t.Errorf("person %s: %s", id, text(t, p))
		}
		if g := text(t, part(t, p, "traits")); g != `{"plan":"pro"}` {
			t.Errorf("traits of %s: got %s; null takes a trait away, the later call wins", id, g)
		}
	}
	a.refused(t, http.MethodGet, "/api/v1/people/nobody", "", http.StatusNotFound, "not_found")
}

// records asks for a CSV.
func (a *running) records(t *testing.T, target string) [][]string {
	t.Helper()
	res, body := a.send(t, http.MethodGet, target, "")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%s: %s %s", target, res.Status, body)
	}
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestExportHoldsEveryRow(t *testing.T) {
	a := start(t)
	f := func(params string, rows int) {
		t.Helper()
		if got := len(a.records(t, "/api/v1/export/"+params)) - 1; got != rows {
			t.Errorf("%s: got %d rows, want %d", params, got, rows)
		}
	}
	f("conversations", 3)
	f("conversations?filter=channel:eq:web", 2)
	f("conversations?filter=mode:exists", 0)
	f("events", 11)
	f("messages", 4)
	f("messages?where=role:eq:agent&filter=channel:eq:app", 1)
	a.refused(t, http.MethodGet, "/api/v1/export/people", "", http.StatusNotFound, "not_found")

	cell := func(target, column string) string {
		t.Helper()
		rows := a.records(t, target)
		for i, name := range rows[0] {
			if name == column {
				return rows[1][i]
			}
		}
		t.Fatalf("%s has no column %s", target, column)
		return ""
	}
	formula := "/api/v1/export/messages?where=body:contains:hyperlink"
	want := `=HYPERLINK("x") <b>&"quoted", 'line'` + "\n2"
	if got := cell(formula, "body"); got != "'"+want {
		t.Errorf("formula: got %q", got)
	}
	if got := cell(formula+"&safe=false", "body"); got != want {
		t.Errorf("formula, unguarded: got %q", got)
	}
	if got := cell("/api/v1/export/events?where=score:exists", "score"); got != "0.75" {
		t.Errorf("score: got %q", got)
	}
	res, body := a.send(t, http.MethodGet, "/api/v1/export/conversations?format=jsonl", "")
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	if len(lines) != 3 || res.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("jsonl: %d lines, %s", len(lines), res.Header.Get("Content-Type"))
	}
	for _, line := range lines {
		a.spec.validate(t, []string{"components", "schemas", "Conversation"}, []byte(line))
	}
}

func TestExportStreamsMoreThanAPage(t *testing.T) {
	a := start(t)
	var events []*event.Event
	for i := range 10_500 {
		events = append(events, &event.Event{Kind: event.KindConversation, Action: "started", ConversationID: fmt.Sprint("many-", i), OccurredAt: noon.Add(time.Duration(i/100) * time.Second)})
	}
	a.put(t, events...)
	_, body := a.send(t, http.MethodGet, "/api/v1/export/conversations?format=jsonl&filter=conversation_id:contains:many", "")
	seen := map[string]bool{}
	for s := bufio.NewScanner(strings.NewReader(string(body))); s.Scan(); {
		seen[part(t, decoded(t, s.Bytes()), "conversation_id").(string)] = true
	}
	if len(seen) != 10_500 {
		t.Errorf("got %d conversations, want 10500", len(seen))
	}
}

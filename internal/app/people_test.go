package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is a call of somebody: "u1 a1" names them; a message in a conversation of that day unless typ is another type.
func said(day int, who, typ, more string) string {
	at := fmt.Sprintf("2026-05-%02dT10:00:00Z", day)
	out := fmt.Sprintf(`{"messageId":"identity-test-%d-%s-%s","timestamp":%q,"type":%q`, day, strings.ReplaceAll(who, " ", "-"), typ, at, typ)
	for _, id := range strings.Fields(who) {
		key := map[byte]string{'u': "userId", 'a': "anonymousId"}[id[0]]
		out += fmt.Sprintf(`,%q:%q`, key, id)
	}
	if typ == "track" {
		more = fmt.Sprintf(`"event":"Message Sent","properties":{"conversationId":"c-%d-%s","role":"customer","message_body":"hello"}`, day, strings.ReplaceAll(who, " ", "-"))
	}
	return out + "," + more + "}"
}

// peopleFigures are the figures that depend on who is who, of May 2026.
func (s *server) peopleFigures() map[string]string {
	s.t.Helper()
	s.until("conversations are analysed", func() bool {
		var a struct{ Conversations, Current, Waiting int64 }
		s.get("analysis", &a)
		return a.Waiting == 0 && a.Current == a.Conversations
	})
	const may = "from=2026-05-01T00:00:00Z&until=2026-06-01T00:00:00Z"
	out := map[string]string{}
	for _, path := range []string{"metrics/people?" + may, "metrics/active_users?" + may, "metrics/conversations?" + may + "&breakdown=person",
		"retention?" + may + "&who=people&period=day&first=kind:eq:message&return=kind:eq:message", "people?" + may, "people/u1", "people/u2", "people/a1"} {
		status, body := s.do(http.MethodGet, "/api/v1/"+path, "")
		out[path] = fmt.Sprint(status, " ", body)
	}
	return out
}

// awaitPersons waits until the people list is as wanted: keys in their order.
func (s *server) awaitPersons(want ...string) {
	s.t.Helper()
	s.settle()
	var got []string
	s.until("people are "+strings.Join(want, " "), func() bool {
		var page struct {
			People []struct {
				ID string `json:"id"`
			}
		}
		s.get("people?from=2026-05-01T00:00:00Z&until=2026-06-01T00:00:00Z", &page)
		got = got[:0]
		for _, p := range page.People {
			got = append(got, p.ID)
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

type graph struct {
	ID          string
	Person      string
	Identifiers []struct{ Type, Value, State string }
	Links       []struct {
		ID, Event       string
		Merge, Decision bool
	}
	Refused []struct{ Reason string }
}

func TestPeopleAcrossDevices(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "a1", "track", ""), said(2, "u1 a1", "identify", `"traits":{"email":"Ada@Example.com","plan":"pro"}`), said(3, "u1 a1", "track", ""))
	s.awaitPersons("u1")
	s.post(testKey, said(4, "a2", "track", ""))
	s.awaitPersons("a2", "u1")
	s.post(testKey, said(5, "a2", "identify", `"traits":{"email":"ada@example.com"}`))
	s.awaitPersons("u1")
	var g graph
	s.get("people/a2/identity", &g)
	var ids []string
	for _, i := range g.Identifiers {
		ids = append(ids, i.Type+" "+i.Value)
	}
	if len(ids) != 4 || ids[0] != "user_id u1" || !strings.HasPrefix(ids[1], "email email_") || ids[2] != "anonymous_id a1" || ids[3] != "anonymous_id a2" {
		t.Errorf("identifiers %q; want the user, a pseudonym of the address, and both devices", ids)
	}
	s.post(testKey, said(6, "u3 a3", "track", ""), said(7, "u4 a3", "track", ""), said(8, "a3", "track", ""))
	s.awaitPersons("a3", "u1", "u3", "u4")
	s.get("people/a3/identity", &g)
	if g.Person != "a3" || len(g.Identifiers) != 1 || g.Identifiers[0].State != "shared" {
		t.Errorf("a device of two users: %+v", g)
	}
	has := func(when, person, users, devices string) {
		t.Helper()
		var got struct {
			UserIDs      []string `json:"user_ids"`
			AnonymousIDs []string `json:"anonymous_ids"`
		}
		s.get("people/"+person, &got)
		if u, d := strings.Join(got.UserIDs, " "), strings.Join(got.AnonymousIDs, " "); u != users || d != devices {
			t.Errorf("%s %s has the user ids %q and anonymous ids %q, want %q and %q", when, person, u, d, users, devices)
		}
	}
	has("at first", "u1", "u1", "a1 a2")
	has("at first", "u3", "u3", "") // its rows carry a3, which is u4's as well
	has("at first", "a3", "", "a3")
	var merged graph
	s.change(http.MethodPost, "identity/merges", `{"a":"u3","b":"u4"}`, &merged)
	has("merged", "u4", "u3 u4", "a3")
	s.change(http.MethodPost, "identity/merges/"+merged.ID+"/undo", "", nil)
	has("undone", "u3", "u3", "")
	has("undone", "u4", "u4", "")
	has("undone", "a3", "", "a3")
}

func TestMergeAndUndoInEveryFigure(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.post(testKey, said(1, "a1", "track", ""), said(2, "u1 a1", "track", ""), said(3, "u2", "track", ""), said(4, "u1", "track", ""), said(9, "u2", "identify", `"traits":{"plan":"pro"}`))
	s.awaitPersons("u1", "u2")
	before := s.peopleFigures()

	var preview struct {
		Merged struct{ Person string }
	}
	s.change(http.MethodPost, "identity/merges/preview", `{"a":"u2","b":"u1"}`, &preview)
	if preview.Merged.Person != "u1" {
		t.Errorf("a preview says %q, want the older u1", preview.Merged.Person)
	}
	if diff := cmp.Diff(before, s.peopleFigures()); diff != "" {
		t.Errorf("a preview changed figures: %s", diff)
	}

	var merged graph
	s.change(http.MethodPost, "identity/merges", `{"a":"u2","b":"u1"}`, &merged)
	during := s.peopleFigures()
	s.awaitPersons("u1")
	var people struct{ Total struct{ Value float64 } }
	s.get("metrics/people?from=2026-05-01T00:00:00Z&until=2026-06-01T00:00:00Z", &people)
	if people.Total.Value != 1 {
		t.Errorf("people %v after the merge, want 1", people.Total.Value)
	}
	var person struct {
		ID                 string
		UserIDs            []string `json:"user_ids"`
		ConversationsTotal int64    `json:"conversations_total"`
		Traits             map[string]string
	}
	s.get("people/u2", &person)
	if person.ID != "u1" || !slices.Equal(person.UserIDs, []string{"u1", "u2"}) || person.ConversationsTotal != 4 || person.Traits["plan"] != "pro" {
		t.Errorf("the page of u2 is %+v", person)
	}

	s.stop()
	s = start(t, dir, nil)
	s.awaitPersons("u1")
	if diff := cmp.Diff(during, s.peopleFigures()); diff != "" {
		t.Errorf("a restart changed figures: %s", diff)
	}
	s.change(http.MethodPost, "identity/merges/"+merged.ID+"/undo", "", nil)
	if diff := cmp.Diff(before, s.peopleFigures()); diff != "" {
		t.Errorf("undone, figures are not those of before: %s", diff)
	}
	if status, body := s.do(http.MethodPost, "/api/v1/identity/merges/"+merged.ID+"/undo", ""); status != http.StatusBadRequest {
		t.Errorf("undone twice: %d %s", status, body)
	}
	if status, body := s.do(http.MethodPost, "/api/v1/identity/merges", `{"a":"u1","b":"nobody"}`); status != http.StatusNotFound {
		t.Errorf("merged with nobody: %d %s", status, body)
	}
}

func TestDetachAndUndoInEveryFigure(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "a1", "track", ""), said(2, "u1 a1", "track", ""), said(3, "u1", "track", ""))
	s.awaitPersons("u1")
	before := s.peopleFigures()
	var preview struct{ Before, Detached graph }
	s.change(http.MethodPost, "identity/detachments/preview", `{"type":"anonymous_id","value":"a1"}`, &preview)
	if preview.Before.Person != "u1" || preview.Detached.Person != "a1" {
		t.Errorf("a preview says %+v, want a1 taken off u1", preview)
	}
	if diff := cmp.Diff(before, s.peopleFigures()); diff != "" {
		t.Errorf("a preview changed figures: %s", diff)
	}
	var decision struct{ ID, Kind string }
	s.change(http.MethodPost, "identity/detachments", `{"type":"anonymous_id","value":"a1"}`, &decision)
	s.awaitPersons("a1", "u1")
	var person struct {
		AnonymousIDs       []string `json:"anonymous_ids"`
		ConversationsTotal int64    `json:"conversations_total"`
	}
	if s.get("people/u1", &person); len(person.AnonymousIDs) != 0 || person.ConversationsTotal != 2 {
		t.Errorf("the page of u1 is %+v; want the two conversations that came with its id", person)
	}
	s.change(http.MethodPost, "identity/merges/"+decision.ID+"/undo", "", nil)
	if diff := cmp.Diff(before, s.peopleFigures()); diff != "" {
		t.Errorf("undone, figures are not those of before: %s", diff)
	}
	if status, body := s.do(http.MethodPost, "/api/v1/identity/detachments", `{"type":"anonymous_id","value":"nobody"}`); status != http.StatusNotFound {
		t.Errorf("detached an id that never came: %d %s", status, body)
	}
}

func TestPeopleAreListedByAudience(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "u1", "track", ""), said(2, "u1", "track", ""), said(3, "u2", "track", ""), said(4, "a3", "track", ""), said(5, "a3", "track", ""), said(6, "u1", "identify", `"traits":{"plan":"=pro"}`))
	s.change(http.MethodPost, "audiences", `{"key":"back","name":"Came back","rule":{"did":{"of":"conversations","at_least":2}}}`, nil)
	s.change(http.MethodPost, "audiences", `{"key":"often","name":"Came often","rule":{"did":{"of":"conversations","at_least":20}}}`, nil)
	s.until("the audience has its members", func() bool {
		var members struct{ Total int }
		s.get("audiences/back/members", &members)
		return members.Total == 2
	})
	f := func(params string, want ...string) {
		t.Helper()
		var page struct {
			People []struct{ ID string }
			Total  int
		}
		s.get("people?"+params, &page)
		var got []string
		for _, p := range page.People {
			got = append(got, p.ID)
		}
		if slices.Sort(got); !slices.Equal(got, want) || page.Total != len(want) {
			t.Errorf("%s: got %d people, %q, want %q", params, page.Total, got, want)
		}
	}
	f("audience=back&from=2026-01-01", "a3", "u1")
	f("audience=back&from=2026-01-01&where=user_id:exists", "u1")
	f("audience=back&from=2027-01-01")
	f("audience=often&from=2026-01-01")
	csv := func(path, want string) {
		t.Helper()
		status, body := s.do(http.MethodGet, "/api/v1/"+path, "")
		body = regexp.MustCompile(`,20\d\d-[^,]*Z,`).ReplaceAllString(body, ",T,")
		if status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q, want %q", path, status, body, want)
		}
	}
	s.change(http.MethodPost, "traits", `{"key":"talks","name":"Talks","definition":{"of":"conversations","aggregate":"count"}}`, nil)
	s.until("the trait has its people", func() bool {
		var values struct{ People int }
		s.get("traits/talks/values", &values)
		return values.People == 3
	})
	csv("audiences/back/members?format=csv", "person,since,value\na3,T,true\nu1,T,true\n")
	csv("audiences/back/members?format=csv&traits=plan,talks,none", "person,since,value,plan,talks,none\na3,T,true,,2,\nu1,T,true,'=pro,2,\n")
	csv("audiences/often/members?format=csv", "person,since,value\n")
	csv("traits/talks/people?safe=false&traits=plan", "person,since,value,plan\na3,T,2,\nu1,T,2,=pro\nu2,T,1,\n")
	for path, want := range map[string]int{"audiences/nosuch/members?format=csv": 404, "traits/back/people": 404, "traits/talks/people?column=other": 400, "traits/talks/people?traits=a,,b": 400, "traits/talks/people?limit=3": 400} {
		if status, body := s.do(http.MethodGet, "/api/v1/"+path, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	if status, body := s.do(http.MethodGet, "/api/v1/people?audience=nosuch", ""); status != http.StatusBadRequest || !strings.Contains(body, `"parameter":"audience"`) {
		t.Errorf("an audience that is none: %d %s", status, body)
	}
}

// A directory of a version that knew no people, and one whose profiles were lost, are taken up.
func TestPeopleOfOlderDirectoriesAreTakenUp(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.post(testKey, said(1, "a1", "track", ""), said(2, "u1 a1", "identify", `"traits":{"email":"ada@example.com"}`), said(4, "a2", "track", ""), said(5, "a2", "identify", `"traits":{"email":"ada@example.com"}`),
		said(6, "u1", "group", `"groupId":"acme","traits":{"seats":4}`))
	s.awaitPersons("u1")
	var before, after graph
	s.get("people/u1/identity", &before)
	s.stop()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "workspaces", "default", profilesName+suffix)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	s = start(t, dir, nil)
	s.until("the graph is there again", func() bool {
		status, body := s.do(http.MethodGet, "/api/v1/people/u1/identity", "")
		return status == http.StatusOK && json.Unmarshal([]byte(body), &after) == nil && len(after.Identifiers) == len(before.Identifiers)
	})
	if diff := cmp.Diff(before.Identifiers, after.Identifiers); diff != "" {
		t.Error(diff)
	}
	var account struct {
		Members int
		People  []string
		Traits  []struct {
			Name  string
			Value any
		}
	}
	s.get("accounts/acme", &account)
	if account.Members != 1 || !slices.Equal(account.People, []string{"u1"}) || len(account.Traits) != 1 || account.Traits[0].Value != 4.0 {
		t.Errorf("account %+v", account)
	}
}

func TestRulesAndFlagsOfIdentity(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var calls []string
	for n := range 6 {
		calls = append(calls, strings.ReplaceAll(said(1, fmt.Sprintf("u1 a%d", n), "track", ""), `"u1"`, `"123"`))
	}
	s.post(testKey, calls...)
	s.awaitPersons("123")
	var flags struct {
		Flags []struct {
			Value, State string
			Flag         *struct{ Count, Most int }
		}
	}
	s.until("the constant is flagged", func() bool {
		s.get("identity/flags", &flags)
		return len(flags.Flags) == 1
	})
	if f := flags.Flags[0]; f.Value != "123" || f.State != "flagged" || f.Flag == nil || f.Flag.Count != 6 || f.Flag.Most != 3 {
		t.Errorf("flag %+v", f)
	}
	var rules map[string]any
	s.get("identity/rules", &rules)
	for _, progress := range []string{"waiting", "rows", "total"} {
		delete(rules, progress)
	}
	rules["blocked"] = append(rules["blocked"].([]any), "123")
	body, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	s.change(http.MethodPut, "identity/rules", string(body), nil)
	s.awaitPersons("a0", "a1", "a2", "a3", "a4", "a5")
	if status, answer := s.do(http.MethodPut, "/api/v1/identity/rules", `{"types":[]}`); status != http.StatusBadRequest || !strings.Contains(answer, "begin with user_id") {
		t.Errorf("rules without types: %d %s", status, answer)
	}
}

package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profile asks the Profile API, as Segment's clients do, for what is below a profile.
func (s *server) profile(method, id, what, body string) (*http.Response, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.LocalURL()+"/v1/spaces/default/collections/users/profiles/"+url.PathEscape(id)+what, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(testToken, "")
	return s.send(req)
}

// awaitProfiles waits until what was sent is in profiles.
func (s *server) awaitProfiles() {
	s.t.Helper()
	s.settle()
	s.until("people are resolved", func() bool {
		var rules struct{ Waiting int64 }
		s.get("identity/rules", &rules)
		return rules.Waiting == 0
	})
}

type profileCursor struct {
	URL     string `json:"url"`
	HasMore bool   `json:"has_more"`
	Next    string `json:"next"`
	Limit   int    `json:"limit"`
}

type profileAnswer struct {
	Traits map[string]any
	Data   []map[string]any
	Cursor profileCursor
	Error  struct{ Code, Message string }
}

func (s *server) profileJSON(id, what string) (out profileAnswer) {
	s.t.Helper()
	_, text := s.profile(http.MethodGet, id, what, "")
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.t.Fatalf("%s%s: %v in %s", id, what, err, text)
	}
	return out
}

func (s *server) traitsOf(id string) map[string]any {
	s.t.Helper()
	return s.profileJSON(id, "/traits?limit=200").Traits
}

func TestProfileByEveryIdentifier(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "a1", "track", ""), said(2, "u1 a1", "identify", `"traits":{"email":"Ada@Example.com","plan":"free","seats":2,"old":1}`),
		said(3, "u1", "identify", `"traits":{"plan":"pro","old":null}`), said(4, "u1", "group", `"groupId":"acme/1","traits":{"industry":"finance"}`),
		`{"messageId":"joined-before","type":"group","userId":"u1","groupId":"aaa","timestamp":"2026-05-03T09:00:00Z","traits":{"industry":"farming"}}`, said(5, "u1 a1", "track", ""))
	s.awaitProfiles()
	want := map[string]any{"plan": "pro", "seats": 2.0}
	for _, id := range []string{"user_id:u1", "user_id:U1", "anonymous_id:a1", "email:ada@example.com", "email:Ada@Example.com"} {
		got := s.traitsOf(id)
		if email, _ := got["email"].(string); !strings.HasPrefix(email, "email_") {
			t.Errorf("%s: the address is %v, want its pseudonym", id, got["email"])
		}
		delete(got, "email")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (- want): %s", id, diff)
		}
	}

	got := s.profileJSON("user_id:u1", "/traits?include=plan,nothing&verbose=true")
	plan, _ := got.Traits["plan"].(map[string]any)
	if len(got.Traits) != 1 || plan["value"] != "pro" || plan["updated_at"] != "2026-05-03T10:00:00Z" || plan["source_id"] == "" || got.Cursor.Limit != 10 || got.Cursor.HasMore {
		t.Errorf("verbose: %+v", got)
	}
	var types []string
	for _, x := range s.profileJSON("anonymous_id:a1", "/external_ids").Data {
		types = append(types, fmt.Sprint(x["type"], x["collection"], x["encoding"], x["first_message_id"], x["created_at"]))
	}
	if diff := cmp.Diff([]string{"anonymous_idusersnoneidentity-test-1-a1-track2026-05-01T10:00:00Z",
		"emailusersnoneidentity-test-2-u1-a1-identify2026-05-02T10:00:00Z", "user_idusersnoneidentity-test-2-u1-a1-identify2026-05-02T10:00:00Z"}, types); diff != "" {
		t.Errorf("external ids (- want): %s", diff)
	}
	if ids := s.profileJSON("user_id:u1", "/external_ids?include=anonymous_id").Data; len(ids) != 1 || ids[0]["id"] != "a1" {
		t.Errorf("external ids of one type: %v", ids)
	}
	links := s.profileJSON("user_id:u1", "/links").Data
	if text := fmt.Sprint(links); len(links) != 2 || !strings.Contains(text, "to_collection:accounts") || !strings.Contains(fmt.Sprint(links[0]), "acme/1") {
		t.Errorf("links %v; want the account named last first", links)
	}
	if _, text := s.profile(http.MethodGet, "user_id:u1", "?format=prompt", ""); !strings.Contains(text, "finance") || strings.Contains(text, "farming") {
		t.Errorf("prompt %q; want the account named last", text)
	}
	_, text := s.profile(http.MethodGet, "user_id:u1", "/metadata?verbose=true", "")
	for _, part := range []string{`"created_at":"2026-05-01T10:00:00Z"`, `"updated_at":"2026-05-05T10:00:00Z"`, `"first_message_id":"identity-test-1-a1-track"`, `"last_message_id":"identity-test-5-u1-a1-track"`} {
		if !strings.Contains(text, part) {
			t.Errorf("metadata %s lacks %s", text, part)
		}
	}
}

func TestPeopleAreNamedByIdsOfAnyType(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	only := func(message, context string) string {
		return fmt.Sprintf(`{"messageId":%q,"type":"identify","timestamp":"2026-05-01T10:00:00Z","userId":"null","traits":{"plan":"pro"},"context":%s}`, message, context)
	}
	s.post(testKey, said(1, "u1 a1", "identify", `"traits":{"email":"Ada@Example.com"}`), said(2, "a1", "track", ""), said(2, "u2", "track", ""),
		only("only-crm", `{"externalIds":[{"id":"c-77","type":"crm_id","collection":"users","encoding":"none"}]}`))
	s.awaitProfiles()
	named := func(id string) (out []string) {
		t.Helper()
		var got struct {
			People []struct{ ID, Type, Value string }
		}
		s.get("identity/people?id="+url.QueryEscape(id), &got)
		for _, p := range got.People {
			out = append(out, p.ID+" by "+p.Type)
		}
		return out
	}
	f := func(id string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, named(id)); diff != "" {
			t.Errorf("%s (- want): %s", id, diff)
		}
	}
	f("u1", "u1 by user_id")
	f(" A1 ", "u1 by anonymous_id")
	f("ada@example.com", "u1 by email")
	f("email:Ada@Example.com", "u1 by email")
	f("C-77", "crm_id:c-77 by crm_id")
	f("crm_id:c-77", "crm_id:c-77 by crm_id")
	f("nobody")
	f("user_id:u2", "u2 by user_id")
	if status, body := s.do(http.MethodGet, "/api/v1/identity/people?id=+", ""); status != http.StatusBadRequest {
		t.Errorf("without an id: %d %s", status, body)
	}
	for path, want := range map[string]string{"people/email:ada@example.com": `"id":"u1"`, "people/email:ada@example.com/profile": `"person":"u1"`,
		"people/crm_id:c-77/profile": `"value":"c-77"`, "people/crm_id:c-77/identity": `"value":"c-77"`} {
		if status, body := s.do(http.MethodGet, "/api/v1/"+path, ""); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s; want %s", path, status, body, want)
		}
	}
	if status, body := s.do(http.MethodPost, "/api/v1/identity/merges", `{"a":"u2","b":"crm_id:c-77"}`); status != http.StatusCreated || !strings.Contains(body, `"person":"u2"`) {
		t.Errorf("merge: %d %s", status, body)
	}
	f("c-77", "u2 by crm_id")
}

func TestProfileOfThePersonPage(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "u1 a1", "identify", `"traits":{"plan":"pro","limits":{"seats":[1,2]}}`), said(2, "u1", "group", `"groupId":"acme","traits":{"seats":4}`))
	s.awaitProfiles()
	_, got := s.do(http.MethodGet, "/api/v1/people/a1/profile", "")
	want := `{"person":"u1","traits":[{"name":"limits","value":{"seats":[1,2]},"source":"default","at":"2026-05-01T10:00:00Z"},{"name":"plan","value":"pro","source":"default","at":"2026-05-01T10:00:00Z"}],` +
		`"computed":[],"audiences":[],"external_ids":[{"type":"anonymous_id","value":"a1","first_at":"2026-05-01T10:00:00Z","first_event":"identity-test-1-u1-a1-identify","first_source":"default"},` +
		`{"type":"user_id","value":"u1","first_at":"2026-05-01T10:00:00Z","first_event":"identity-test-1-u1-a1-identify","first_source":"default"}],` +
		`"accounts":[{"id":"acme","traits":[{"name":"seats","value":4,"source":"default","at":"2026-05-02T10:00:00Z"}]}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(got)); diff != "" {
		t.Error(diff)
	}
	if status, body := s.do(http.MethodGet, "/api/v1/people/A1/profile", ""); status != http.StatusNotFound {
		t.Errorf("in other letters: %d %s", status, body)
	}
}

func TestEventsOfAProfile(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	for day := 1; day <= 9; day++ {
		s.post(testKey, said(day, "u1", "track", ""), said(day, "u1", "identify", `"traits":{"day":1}`), said(day, "u2", "track", ""))
	}
	s.awaitProfiles()
	pages := func(query string) (all []string) {
		t.Helper()
		for next := ""; ; {
			page := s.profileJSON("user_id:u1", "/events?limit=4&"+query+"&next="+next)
			for _, e := range page.Data {
				all = append(all, fmt.Sprint(e["type"], " ", e["event"], " ", e["timestamp"].(string)[8:10]))
			}
			if next = page.Cursor.Next; !page.Cursor.HasMore {
				return all
			}
		}
	}
	all := pages("")
	if len(all) != 18 || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b[len(b)-2:], a[len(a)-2:]) }) || slices.Contains(all, "") {
		t.Errorf("%d events %q; want 18, the latest first", len(all), all)
	}
	f := func(query string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, pages(query)); diff != "" {
			t.Errorf("%s (- want): %s", query, diff)
		}
	}
	f("include=Message+Sent&start=2026-05-08", "track Message Sent 09", "track Message Sent 08")
	f("exclude=Message+Sent&end=2026-05-03T00:00:00Z&sort=asc", "identify <nil> 01", "identify <nil> 02")
	first := s.profileJSON("user_id:u1", "/events?limit=1&include=Message+Sent").Data[0]
	if p, _ := first["properties"].(map[string]any); p["conversationId"] != "c-9-u1" || first["source_id"] == "" || first["message_id"] != "identity-test-9-u1-track" || first["context"] == nil {
		t.Errorf("an event: %v", first)
	}
	s.post(testKey, said(10, "u1", "page", `"name":"Pricing"`), said(11, "u1", "screen", `"name":"Cart"`))
	s.awaitProfiles()
	for n, want := range []string{"screen Cart", "page Pricing"} {
		if e := s.profileJSON("user_id:u1", "/events?limit=2").Data[n]; fmt.Sprint(e["type"], " ", e["name"]) != want || e["event"] != nil {
			t.Errorf("want %s: %v", want, e)
		}
	}
}

func TestConversationsOfAProfile(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	event := func(day int, name, properties string) string {
		return fmt.Sprintf(`{"messageId":"talk-%[1]d-%[2]s","type":"track","event":"Conversation %[2]s","userId":"u1","timestamp":"2026-05-%02[1]dT11:00:00Z","properties":{"conversationId":"c-%[1]d-u1"%[3]s}}`, day, name, properties)
	}
	for day := 1; day <= 5; day++ {
		s.post(testKey, said(day, "u1", "track", ""), said(day, "u2", "track", ""))
	}
	s.post(testKey, event(3, "Ended", ""), said(6, "u3", "identify", `"traits":{"plan":"pro"}`))
	s.awaitProfiles()
	pages := func(query string) (all []string) {
		t.Helper()
		for next := ""; ; {
			page := s.profileJSON("user_id:u1", "/conversations?limit=2&"+query+"&next="+next)
			for _, c := range page.Data {
				all = append(all, fmt.Sprint(c["id"], " ", c["started_at"], " ", c["ended_at"], " ", c["messages"]))
			}
			if next = page.Cursor.Next; !page.Cursor.HasMore {
				return all
			}
		}
	}
	f := func(query string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, pages(query)); diff != "" {
			t.Errorf("%s (- want): %s", query, diff)
		}
	}
	talk := func(day int) string { return fmt.Sprintf("c-%[1]d-u1 2026-05-%02[1]dT10:00:00Z <nil> 1", day) }
	ended := "c-3-u1 2026-05-03T10:00:00Z 2026-05-03T11:00:00Z 1"
	f("", talk(5), talk(4), ended, talk(2), talk(1))
	f("sort=asc&start=2026-05-02&end=2026-05-04T00:00:00Z", talk(2), ended)
	first := s.profileJSON("user_id:u1", "/conversations?limit=1").Data[0]
	for _, key := range []string{"topic", "outcome", "satisfaction"} {
		if _, ok := first[key]; !ok {
			t.Errorf("a conversation lacks %s: %v", key, first)
		}
	}
	if none := s.profileJSON("user_id:u3", "/conversations"); none.Data == nil || len(none.Data) != 0 || none.Cursor.Limit != 20 {
		t.Errorf("of somebody who never talked: %+v", none)
	}
}

func TestPagesOfManyTraits(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var first, second []string
	for n := range 300 {
		first = append(first, fmt.Sprintf(`"trait %03d/ä":%d`, n, n))
		second = append(second, fmt.Sprintf(`"more_%03d":"%d"`, n, n))
	}
	s.post(testKey, said(1, "u1", "track", ""), said(2, "u1", "identify", `"traits":{`+strings.Join(first, ",")+`}`), said(3, "u1", "identify", `"traits":{`+strings.Join(second[:50], ",")+`}`))
	s.awaitProfiles()
	for limit, sizes := range map[string][]int{"": slices.Repeat([]int{10}, 35), "&limit=120": {120, 120, 110}, "&limit=100000": {200, 150}} {
		seen := map[string]bool{}
		var got []int
		for next := ""; ; {
			page := s.profileJSON("user_id:u1", "/traits?next="+next+limit)
			got = append(got, len(page.Traits))
			for name := range page.Traits {
				if seen[name] {
					t.Errorf("%s comes twice", name)
				}
				seen[name] = true
			}
			if next = page.Cursor.Next; !page.Cursor.HasMore {
				break
			}
		}
		if diff := cmp.Diff(sizes, got); diff != "" || len(seen) != 350 {
			t.Errorf("pages %s of %v, %d traits (- want): %s", limit, got, len(seen), diff)
		}
	}
}

func TestProfilesFollowMergesAndDeletions(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "u1 a1", "identify", `"traits":{"plan":"free"}`), said(1, "u1", "track", ""), said(2, "u2 a2", "identify", `"traits":{"city":"x"}`), said(2, "u2", "track", ""))
	s.awaitProfiles()
	apart, together := map[string]any{"plan": "free"}, map[string]any{"plan": "free", "city": "x"}
	f := func(id string, want map[string]any) {
		t.Helper()
		if diff := cmp.Diff(want, s.traitsOf(id)); diff != "" {
			t.Errorf("%s (- want): %s", id, diff)
		}
	}
	f("anonymous_id:a1", apart)
	var merged graph
	s.change(http.MethodPost, "identity/merges", `{"a":"u1","b":"u2"}`, &merged)
	for _, id := range []string{"user_id:u1", "user_id:u2", "anonymous_id:a1", "anonymous_id:a2"} {
		f(id, together)
	}

	remove := func(id, body string, status int, code string) {
		t.Helper()
		resp, text := s.profile(http.MethodPost, id, "/external_ids/delete", body)
		if resp.StatusCode != status || code != "" && !strings.Contains(text, `"code":"`+code+`"`) {
			t.Errorf("%s %s: %d %s; want %d %s", id, body, resp.StatusCode, text, status, code)
		}
	}
	const a2 = `{"delete_external_ids":[{"id":"a2","type":"anonymous_id"}]}`
	remove("anonymous_id:a1", a2, 400, "unsupported_eid_type")
	remove("user_id:u1", `{"delete_external_ids":[]}`, 400, "bad_request")
	remove("user_id:u1", `{"delete_external_ids":[{"id":"a1","type":"anonymous_id"},{"id":"a2","type":"anonymous_id"}]}`, 400, "bad_request")
	remove("user_id:u1", `[`, 400, "bad_request")
	remove("user_id:u1", `{"delete_external_ids":[{"id":"a3","type":"anonymous_id"}]}`, 404, "eid_not_found")
	remove("user_id:nobody", a2, 404, "not_found")
	remove("user_id:u1", a2, 200, "")
	f("user_id:u1", together) // traits are of the user ids
	if ids := s.profileJSON("user_id:u1", "/external_ids").Data; len(ids) != 3 || strings.Contains(fmt.Sprint(ids), "id:a2") {
		t.Errorf("after the deletion: %v", ids)
	}
	remove("user_id:u1", a2, 404, "eid_not_found")

	s.change(http.MethodPost, "identity/merges/"+merged.ID+"/undo", "", nil)
	f("user_id:u1", apart)
	f("user_id:u2", map[string]any{"city": "x"})
	remove("user_id:u1", `{"delete_external_ids":[{"id":"u1","type":"user_id"}]}`, 400, "bad_request")
}

func TestErrorsOfTheProfileAPI(t *testing.T) {
	s := start(t, t.TempDir(), func(c *Config) { c.Limits.ProfilesPerSecond = 200 })
	s.post(testKey, said(1, "u1", "track", ""), said(1, "u1", "identify", `"traits":{"plan":"free"}`), said(1, "u1", "group", `"groupId":"acme","traits":{"seats":3}`))
	s.awaitProfiles()
	var made struct{ Secret string }
	s.change(http.MethodPost, "tokens", `{"name":"copilot","role":"viewer"}`, &made)
	const users = "/v1/spaces/default/collections/users/profiles/"
	ask := func(method, path, token, body string, status int, part string) http.Header {
		t.Helper()
		req, err := http.NewRequest(method, s.LocalURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.SetBasicAuth(token, "")
		}
		req.Header.Set("Origin", "https://shop.example")
		resp, text := s.send(req)
		if resp.StatusCode != status || !strings.Contains(text, part) {
			t.Errorf("%s %s: %d %s; want %d %s", method, path, resp.StatusCode, text, status, part)
		}
		if resp.Header.Get("Request-Id") == "" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: headers %v; want a Request-Id and nothing for browsers", method, path, resp.Header)
		}
		return resp.Header
	}
	const nobody, noToken = `{"error":{"code":"not_found","message":"Profile was not found."}}`, `{"error":{"code":"authentication_error"`
	ask("GET", users+"user_id:u1/traits", made.Secret, "", 200, `"traits":{"plan":"free"}`)
	ask("GET", "//v1/spaces/default/collections/users/profiles/user_id%3Au1/traits/", made.Secret, "", 200, `"limit":10}`)
	ask("GET", "/v1/spaces/default/collections/accounts/profiles/group_id:acme/traits", made.Secret, "", 200, `"traits":{"seats":3}`)
	ask("GET", "/v1/spaces/default/collections/accounts/profiles/group_id:acme/links", made.Secret, "", 200, `"to_collection":"users"`)
	ask("GET", "/v1/spaces/default/collections/accounts/profiles/user_id:u1/traits", made.Secret, "", 404, nobody)
	ask("GET", users+"user_id:u2/traits", made.Secret, "", 404, nobody)
	ask("GET", users+"user_id:u2?format=prompt", made.Secret, "", 404, nobody)
	ask("GET", users+"user_id:u1/traits", "", "", 401, noToken)
	ask("GET", users+"user_id:u1/traits", "nonsense", "", 401, noToken)
	ask("GET", users+"user_id:u1/traits", testKey, "", 401, noToken) // a write key only writes
	ask("OPTIONS", users+"user_id:u1/traits", made.Secret, "", 405, "invalid_request_error")
	ask("POST", users+"user_id:u1/traits", made.Secret, "{}", 405, "invalid_request_error")
	ask("POST", users+"user_id:u1/external_ids/delete", made.Secret, `{}`, 403, `"forbidden"`)
	ask("POST", users+"user_id:u1/external_ids/delete", "", `{}`, 401, `"unauthorized"`)
	ask("GET", "/v1/spaces/other/collections/users/profiles/user_id:u1/traits", made.Secret, "", 404, `"not_found"`)
	ask("GET", "/v1/spaces/default/collections/things/profiles/user_id:u1/traits", made.Secret, "", 404, `"not_found"`)
	ask("GET", users+"user_id:u1", made.Secret, "", 404, `"not_found"`)
	ask("GET", users+"user_id:u1/nothing", made.Secret, "", 404, `"not_found"`)
	ask("GET", "/v1/spaces/default", made.Secret, "", 404, `"not_found"`)
	for _, bad := range []string{"traits?limit=0", "traits?limit=x", "traits?limit=-1", "traits?class=other", "traits?verbose=perhaps", "traits?next=%21", "traits?next=WyJhIiwiYiJd", "traits?%zz",
		"events?start=yesterday", "events?sort=up", "events?next=WyJhIl0", "conversations?sort=up", "conversations?end=never", "conversations?next=WyJhIl0", "conversations?next=WyJhIiwiYiJd", "traits?format=prompt&max_tokens=0", "traits?format=prompt&max_tokens=100000"} {
		ask("GET", users+"user_id:u1/"+bad, made.Secret, "", 400, `"validation_error"`)
	}
	for _, id := range []string{"u1", ":u1", "user_id:"} {
		ask("GET", users+id+"/traits", made.Secret, "", 400, `"validation_error"`)
	}

	// Ids that are not what they seem.
	for _, id := range []string{"user_id:' OR '1'='1", "user_id:u1\x00", "user_id:%", "user_id:../../u1", "user_id:u1/traits", "user_id:" + strings.Repeat("u", 5000), "user_id:u1\r\nX-Evil: 1",
		"user_id\x00:u1", "user_id:\xff\xfe", "email:", "USER_ID:u1", "id; DROP TABLE traits:u1", "user_id:u1:x"} {
		resp, text := s.profile(http.MethodGet, id, "/traits", "")
		if resp.StatusCode != 404 && !(id == "email:" && resp.StatusCode == 400) || resp.Header.Get("X-Evil") != "" {
			t.Errorf("%q: %d %s", id, resp.StatusCode, text)
		}
	}

	var limited *http.Response
	for range 1000 {
		if resp, text := s.profile(http.MethodGet, "user_id:u1", "/traits", ""); resp.StatusCode != http.StatusOK {
			if limited = resp; !strings.Contains(text, `"rate_limit_error"`) {
				t.Errorf("beyond the rate: %d %s", resp.StatusCode, text)
			}
			break
		}
	}
	if limited != nil && (limited.StatusCode != http.StatusTooManyRequests || limited.Header.Get("Retry-After") == "") {
		t.Errorf("beyond the rate: %d %v", limited.StatusCode, limited.Header)
	}
}

func TestIdentifiersMayHoldAnything(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	ids := []string{"a/b?c#d", "100%", "a+b c", "ünïcode ☃", `"quoted"`, "a:b:c", "..", "%2F"}
	for n, id := range ids {
		text, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		s.post(testKey, fmt.Sprintf(`{"messageId":"profile-of-anything-%d","type":"identify","userId":%s,"traits":{"n":%d},"timestamp":"2026-05-01T10:00:00Z"}`, n, text, n))
	}
	s.awaitProfiles()
	for n, id := range ids {
		if got := s.traitsOf("user_id:" + id); got["n"] != float64(n) {
			t.Errorf("%s: traits %v, want n=%d", id, got, n)
		}
	}
}

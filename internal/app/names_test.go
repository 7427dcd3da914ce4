package app

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// namesOf are the names of the people of May 2026, by id; of who has none "".
func (s *server) namesOf() map[string]string {
	s.t.Helper()
	var page struct {
		People []struct{ ID, Name string }
	}
	s.get("people?from=2026-05-01T00:00:00Z&until=2026-06-01T00:00:00Z", &page)
	out := map[string]string{}
	for _, p := range page.People {
		out[p.ID] = p.Name
	}
	return out
}

func TestPeopleAreShownAndFoundByName(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "u1 a1", "identify", `"traits":{"name":"Ada Lovelace","email":"ada@example.com"}`), said(2, "u2", "identify", `"traits":{"first_name":"Grace","lastName":"Hopper"}`),
		said(3, "u3", "identify", `"traits":{"name":"Adalbert 100%"}`), said(4, "a4", "track", ""), said(5, "u1", "track", ""), said(5, "u2", "track", ""), said(5, "u3", "track", ""), said(4, "a1", "group", `"groupId":"acme"`), said(4, "a4", "group", `"groupId":"acme"`))
	s.awaitProfiles()
	listed := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, s.namesOf()); diff != "" {
			t.Errorf("names of the list (- want): %s", diff)
		}
	}
	f := func(question string, want ...string) {
		t.Helper()
		var got struct {
			People []struct{ ID, Name, Type string }
		}
		s.get("identity/people?"+question, &got)
		found := []string{}
		for _, p := range got.People {
			found = append(found, strings.Join(strings.Fields(p.ID+" "+p.Name+" "+p.Type), " "))
		}
		if diff := cmp.Diff(append([]string{}, want...), found); diff != "" {
			t.Errorf("people of %s (- want): %s", question, diff)
		}
	}
	apart := map[string]string{"u1": "Ada Lovelace", "u2": "Grace Hopper", "u3": "Adalbert 100%", "a4": ""}
	listed(apart)
	f("name=ad", "u1 Ada Lovelace", "u3 Adalbert 100%")
	f("name=+lovel+", "u1 Ada Lovelace")
	f("name=grace+h", "u2 Grace Hopper")
	f("id=u2&name=ad", "u2 Grace Hopper user_id", "u1 Ada Lovelace", "u3 Adalbert 100%")
	f("id=u1&name=ada", "u1 Ada Lovelace user_id", "u3 Adalbert 100%")
	f("id=ADA@example.com", "u1 Ada Lovelace email")
	f("id=a4", "a4 anonymous_id")
	for _, nobody := range []string{"%%", "__", `""`, "a%", "'; DROP TABLE names; --"} {
		f("name=" + url.QueryEscape(nobody))
	}
	for question, want := range map[string]string{"name=a": "2 to 200", "name=" + strings.Repeat("a", 201): "2 to 200", "": "say an id", "name=": "name"} {
		if status, body := s.do(http.MethodGet, "/api/v1/identity/people?"+question, ""); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%q: %d %s; want 400 with %s", question, status, body, want)
		}
	}
	var person struct{ Name string }
	if s.get("people/a1", &person); person.Name != "Ada Lovelace" {
		t.Errorf("the person is called %q", person.Name)
	}
	var account struct{ Names map[string]string }
	if s.get("accounts/acme", &account); cmp.Diff(map[string]string{"u1": "Ada Lovelace"}, account.Names) != "" {
		t.Errorf("members of the account are called %v", account.Names)
	}

	status, body := s.do(http.MethodPost, "/api/v1/identity/merges", `{"a":"u1","b":"u3"}`)
	var merge struct{ ID string }
	if err := json.Unmarshal([]byte(body), &merge); err != nil || status != http.StatusCreated {
		t.Fatal(status, body, err)
	}
	s.awaitProfiles()
	listed(map[string]string{"u1": "Adalbert 100%", "u2": "Grace Hopper", "a4": ""})
	f("name=ad", "u1 Adalbert 100%")
	f("name=lovelace")
	if status, body := s.do(http.MethodPost, "/api/v1/identity/merges/"+merge.ID+"/undo", ""); status >= 300 {
		t.Fatal(status, body)
	}
	s.awaitProfiles()
	listed(apart)
	f("name=ad", "u1 Ada Lovelace", "u3 Adalbert 100%")

	s.post(testKey, said(9, "u1", "identify", `"traits":{"name":"Ada King"}`), said(9, "u2", "identify", `"traits":{"lastName":null}`))
	s.awaitProfiles()
	f("name=lovelace")
	f("name=king", "u1 Ada King")
	f("name=hopper")
	f("name=gr", "u2 Grace")
}

func TestMembersOfAudiencesAreNamed(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, said(1, "u1", "identify", `"traits":{"name":"Ada Lovelace","plan":"pro"}`))
	s.awaitProfiles()
	if status, body := s.do(http.MethodPost, "/api/v1/audiences", `{"key":"pros","name":"Pros","doc":"","enabled":true,"emit":"none","rule":{"trait":{"key":"plan","op":"equals","values":["pro"]}}}`); status != http.StatusCreated {
		t.Fatal(status, body)
	}
	s.until("the audience has a member with a name", func() bool {
		var got struct {
			Members []struct{ Person, Name string }
		}
		s.get("audiences/pros/members", &got)
		return len(got.Members) == 1 && got.Members[0] == struct{ Person, Name string }{"u1", "Ada Lovelace"}
	})
}

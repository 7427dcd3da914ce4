package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// TestPeopleSurviveKill kills the server while people sign in on second devices and are merged, each time after
// another while. What the Profile API knew of somebody it knows after each restart, at once. In the end everybody is
// who calls and decisions say, and an undoing gives back the two of before.
func TestPeopleSurviveKill(t *testing.T) {
	const each = 20
	s := survive(t, 6, 2)
	defer func() { s.kill() }()
	s.ask(t, http.MethodPost, "traits", map[string]any{"key": "messages", "name": "Messages", "enabled": true,
		"definition": map[string]any{"of": "events", "where": []string{"kind:eq:message"}, "aggregate": "count"}}, nil)
	var want, merges []string
	known := knowledge{}
	for round := range s.rounds {
		var calls []string
		for n := range each {
			u := fmt.Sprintf("u%d-%02d", round, n)
			want = append(want, u)
			calls = append(calls, spoken(u+"-1", "", "laptop-"+u, ""), spoken(u+"-2", u, "laptop-"+u, u), spoken(u+"-3", "", "phone-"+u, ""), spoken(u+"-4", "", "phone-"+u, u))
		}
		s.rng.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		s.send(t, calls)
		s.settle(t)
		if round > 0 {
			var merged struct{ ID string }
			a, b := fmt.Sprintf("u%d-00", round-1), fmt.Sprintf("u%d-01", round-1)
			s.ask(t, http.MethodPost, "identity/merges", map[string]string{"a": a, "b": b}, &merged)
			merges = append(merges, merged.ID)
			want = slices.DeleteFunc(want, func(u string) bool { return u == b })
			known.expect("user_id:"+a, 4, 8)
		}
		known.expect(fmt.Sprintf("user_id:u%d-02", round), 2, 4)
		known.expect(fmt.Sprintf("anonymous_id:phone-u%d-03", round), 2, 4)
		s.wait(time.Second)
		known.look(t, s.child)
		s.restart()
		known.check(t, s.child)
	}
	awaitPeople(t, s.child, want)
	await(t, time.Minute, func() string { return left(known.look(t, s.child), "profiles to be complete") })
	s.restart()
	known.check(t, s.child)
	for n, id := range merges {
		s.ask(t, http.MethodPost, "identity/merges/"+id+"/undo", nil, nil)
		want = append(want, fmt.Sprintf("u%d-01", n))
	}
	awaitPeople(t, s.child, want)
}

// knowledge is what the Profile API answered of people once it knew all of them.
type knowledge map[string]*known

type known struct {
	messages, ids int    // that there are, in all
	traits, named string // answers; empty until all is known
}

func (k knowledge) expect(id string, messages, ids int) {
	k[id] = &known{messages: messages, ids: ids}
}

// look asks of those that were not known yet, and returns how many are not.
func (k knowledge) look(t *testing.T, s *child) (unknown int) {
	t.Helper()
	for id, p := range k {
		if p.traits != "" {
			continue
		}
		var answer struct {
			Traits struct {
				Plan     string
				Messages int
			}
			Data []struct{ ID string }
		}
		traits, named := s.profile(t, id, "traits"), s.profile(t, id, "external_ids")
		if err := errors.Join(json.Unmarshal(traits, &answer), json.Unmarshal(named, &answer)); err != nil {
			t.Fatalf("%v in %s and %s", err, traits, named)
		}
		if answer.Traits.Plan == "pro" && answer.Traits.Messages == p.messages && len(answer.Data) == p.ids {
			p.traits, p.named = string(traits), string(named)
		} else {
			unknown++
		}
	}
	return unknown
}

// check compares with what a server answers that was just started.
func (k knowledge) check(t *testing.T, s *child) {
	t.Helper()
	n := 0
	for id, p := range k {
		if p.traits == "" {
			continue
		}
		n++
		if traits, named := s.profile(t, id, "traits"), s.profile(t, id, "external_ids"); string(traits) != p.traits || string(named) != p.named {
			t.Errorf("%s is\n%s%s\nwas before the kill\n%s%s", id, traits, named, p.traits, p.named)
		}
	}
	t.Logf("%d of %d profiles were known, and are", n, len(k))
}

// profile is what the Profile API answers of an identifier.
func (c *child) profile(t *testing.T, id, route string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/spaces/default/collections/users/profiles/"+id+"/"+route, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(childToken, "")
	resp, err := patient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s of %s: %s, %v: %s", route, id, resp.Status, err, body)
	}
	return body
}

// spoken is a message of somebody, or an identify call if there is an address.
func spoken(id, user, device, address string) string {
	call := `"type":"track","event":"Message Sent","properties":{"conversationId":"c-` + id + `","role":"customer","message_body":"hello"}`
	if address != "" {
		call = `"type":"identify","traits":{"plan":"pro","email":"` + address + `@example.com"}`
	}
	if user != "" {
		call += `,"userId":"` + user + `"`
	}
	return `{"messageId":"people-survive-kill-` + id + `","anonymousId":"` + device + `",` + call + `}`
}

// awaitPeople waits until the people with messages are those wanted, and no others.
func awaitPeople(t *testing.T, s *child, want []string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	await(t, time.Minute, func() string {
		var page struct{ People []struct{ ID string } }
		s.ask(t, http.MethodGet, "people?limit=1000", nil, &page)
		var got []string
		for _, p := range page.People {
			got = append(got, p.ID)
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return ""
		}
		return fmt.Sprintf("the people\n%v\nand not\n%v", want, got)
	})
}

package identity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// calls reads lines "hours id id …": u1 is a user, a1 an anonymous id, e1 an address; "alias:x" names x as previous.
func calls(t *testing.T, text string) []Call {
	t.Helper()
	types := map[byte]Type{'u': User, 'a': Anonymous, 'e': Email, 'p': "phone"}
	var out []Call
	for n, line := range strings.Split(text, ";") {
		words := strings.Fields(line)
		hours, err := time.ParseDuration(words[0] + "h")
		if err != nil {
			t.Fatal(err)
		}
		c := Call{At: start.Add(hours), Event: fmt.Sprintf("m%04d", n), Source: "web"}
		for _, w := range words[1:] {
			if p, ok := strings.CutPrefix(w, "alias:"); ok {
				c.Previous = p
				continue
			}
			c.Named = append(c.Named, Identifier{types[w[0]], w})
		}
		out = append(out, c)
	}
	return out
}

// persons renders who is who: "u1: u1 a1; a2: a2".
func persons(r *Result) string {
	var out []string
	for _, p := range r.Persons {
		line := p.Key.Value + ":"
		for _, i := range p.Identifiers {
			line += " " + i.Value
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestWhoIsWho(t *testing.T) {
	v, err := New(DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	f := func(law, text, want string) {
		t.Helper()
		if got := persons(v.Resolve(factsOf(calls(t, text), nil))); got != want {
			t.Errorf("%s: %s:\ngot  %s\nwant %s", law, text, got, want)
		}
	}
	f("a sign-in is retroactive", "0 a1; 1 u1 a1", "u1: u1 a1")
	f("a second device joins by the address", "0 u1 a1 e1; 5 a2; 6 a2 e1", "u1: u1 e1 a1 a2")
	f("a shared device is of neither user", "0 u1 a1; 5 u2 a1; 6 a1", "a1: a1; u1: u1; u2: u2")
	f("a shared address links nobody", "0 u1 e1; 5 u2 e1; 6 a3 e1", ": e1; a3: a3; u1: u1; u2: u2")
	f("a sign-in is stronger than an address that came before", "0 u1 a1; 1 a1 e1; 2 e1 a2; 3 a2 u2", "u1: u1 e1 a1; u2: u2 a2")
	f("the oldest anonymous id stands for a person without user", "3 a1 e1; 5 a2 e1; 1 a2", "a2: e1 a2 a1")
	f("an alias links as a call does", "0 a1; 1 u1 alias:a1", "u1: u1 a1")
	f("an alias of two users exceeds the limit", "0 u1; 1 u2 alias:u1", "u1: u1; u2: u2")
	f("an alias of an id that never comes links nothing", "1 u2 alias:a9", "u2: u2")
	f("an alias to itself is none", "1 u2 alias:u2", "u2: u2")
	f("an alias does not steal a device", "0 u1 a1; 1 u2 alias:a1", "a1: a1; u1: u1; u2: u2")
}

func TestConstantsAreFlaggedAndLinkNothing(t *testing.T) {
	rules := DefaultRules()
	f := func(user string, devices int, apart time.Duration, flagged bool) {
		t.Helper()
		v, err := New(rules)
		if err != nil {
			t.Fatal(err)
		}
		var all []Call
		for n := range devices {
			all = append(all, Call{At: start.Add(time.Duration(n) * apart), Event: fmt.Sprint("m", n), Named: []Identifier{{User, user}, {Anonymous, fmt.Sprint("device-", n)}}})
		}
		r := v.Resolve(factsOf(all, nil))
		if got := r.States[Identifier{User, user}] == Flagged; got != flagged {
			t.Errorf("%q with %d devices, one each %v: flagged %v, want %v", user, devices, apart, got, flagged)
		}
		if want := 1; flagged {
			if want = devices + 1; len(r.Persons) != want || len(r.Flags) != 1 {
				t.Errorf("%q with %d devices: %d people and flags %+v, want %d and one", user, devices, len(r.Persons), r.Flags, want)
			}
		}
	}
	f("123", 3, time.Minute, false)
	f("123", 4, time.Minute, true)
	f("test-user", 4, time.Minute, true)
	f("8c1f9e52", 20, time.Minute, false)
	f("8c1f9e52", 21, time.Minute, true)
	f("8c1f9e52", 99, 12*time.Hour, false)
	f("8c1f9e52", 1001, 12*time.Hour, true)
	rules.Trusted = []Identifier{{User, "123"}}
	f("123", 4, time.Minute, false)
}

func TestTheFlagOfTwoTypesIsTheSameInAnyOrder(t *testing.T) {
	v, err := New(DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	all := calls(t, "0 u123 a1 e1; 1 u123 a2 e2; 2 u123 a3 e3; 3 u123 a4 e4")
	for i := range all {
		all[i].Named[0].Value = "123"
	}
	want := []Flag{{Identifier: Identifier{User, "123"}, Type: Anonymous, Day: start, Count: 4, Most: 3}}
	facts := factsOf(all, nil)
	for range 2 {
		if got := v.Resolve(facts).Flags; !slices.Equal(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
		slices.Reverse(facts.Claims)
	}
}

func TestDevicesBeyondTheLimitStandForThemselves(t *testing.T) {
	v, _ := New(DefaultRules())
	var all []Call
	for n := range 102 {
		all = append(all, Call{At: start.Add(time.Duration(n) * 24 * time.Hour), Event: fmt.Sprintf("m%03d", n), Named: []Identifier{{User, "ada"}, {Anonymous, fmt.Sprintf("d%03d", n)}}})
	}
	r := v.Resolve(factsOf(all, nil))
	if n := len(r.Of(Identifier{User, "ada"}).Identifiers); n != 101 || len(r.Refused) != 2 || r.Refused[0].Reason != OverLimit || r.Refused[0].Type != Anonymous {
		t.Errorf("%d identifiers, refused %+v; want the user, the first 100 devices, and two refused", n, r.Refused)
	}
	if p := r.Of(Identifier{Anonymous, "d100"}); len(p.Identifiers) != 1 {
		t.Errorf("the device beyond the limit is of %v", p.Key)
	}
}

func TestBlockedValuesNameNobody(t *testing.T) {
	v, err := New(DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"", "null", "NULL", " None ", "0", "00000000-0000-0000-0000-000000000000", "-1", "anonymous", "anonymousId", "undefined", "[object Object]", "[email]", "user [email]", "n/a", strings.Repeat("x", 513)} {
		if !v.Blocked(value) {
			t.Errorf("%q is not blocked", value)
		}
	}
	for _, value := range []string{"123", "1", "email_hkpdaofgmbecnjil", "nullable", "8c1f9e52", "anonymouse", "[object Object] x"} {
		if v.Blocked(value) {
			t.Errorf("%q is blocked", value)
		}
	}
}

func TestRulesAreChecked(t *testing.T) {
	f := func(want string, change func(r *Rules)) {
		t.Helper()
		r := DefaultRules()
		change(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want something with %q", err, want)
		}
	}
	f("begin with user_id", func(r *Rules) { r.Types = r.Types[1:] })
	f("listed twice", func(r *Rules) { r.Types = append(r.Types, r.Types[0]) })
	f(`not "hour"`, func(r *Rules) { r.Types[1].Window = "hour" })
	f("limit of email is 0", func(r *Rules) { r.Types[1].Limit = 0 })
	f("blocked pattern", func(r *Rules) { r.Blocked = []string{"("} })
	f("negative", func(r *Rules) { r.NewPerDay = -1 })
	f("at most 1000", func(r *Rules) { r.MaxIdentifiers = 1001 })
}

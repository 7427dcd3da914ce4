package profilestore

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

func id(t identity.Type, value string) identity.Identifier {
	return identity.Identifier{Type: t, Value: value}
}

// settle stores that identifiers are of a person.
func settle(t *testing.T, s *Store, person string, state identity.State, ids ...identity.Identifier) {
	t.Helper()
	var all []Standing
	for _, i := range ids {
		all = append(all, Standing{Identifier: i, Person: person, State: state})
	}
	if err := s.Settle(t.Context(), all, nil, nil); err != nil {
		t.Fatal(err)
	}
}

func TestFindLooksForLettersThenForWords(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	note(t, s, said(2, "m1", 1, id(identity.User, "Ada/1")), said(1, "m2", 1, id(identity.User, "ADA/1")), said(3, "m3", 1, id(identity.User, "ada/1")),
		said(1, "m4", 1, id(identity.User, "Bob")), said(1, "m5", 1, id(identity.User, "Böb")), said(1, "m6", 1, id(identity.User, "eve"), id(identity.Email, "eve@example.com")),
		Note{Claims: []identity.Claim{{A: id(identity.User, "eve"), B: id(identity.Anonymous, "never"), At: start, Event: "m7", Basis: identity.ByAlias}}})
	settle(t, s, "", identity.Blocked, id(identity.User, "eve"))
	f := func(i identity.Identifier, want string) {
		t.Helper()
		got, err := s.Find(t.Context(), i)
		if want == "" {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%v: got %v, %v; want nobody", i, got, err)
			}
			return
		}
		if err != nil || got.Event != want {
			t.Errorf("%v: got %q, %v; want that of %s", i, got.Value, err, want)
		}
	}
	f(id(identity.User, "Ada/1"), "m1")
	f(id(identity.User, "ADA/1"), "m2")
	f(id(identity.User, "ada/1"), "m3")
	f(id(identity.User, "aDA/1"), "m3")
	f(id(identity.User, "bob"), "m4")
	f(id(identity.User, "BOB"), "m4")
	f(id(identity.User, "böb"), "m5")
	f(id(identity.Email, "EVE@example.com"), "m6")
	f(id(identity.Anonymous, "bob"), "")
	f(id(identity.Anonymous, "never"), "") // an alias alone said so
	f(id(identity.User, "eve"), "")        // blocked
	f(id(identity.User, "' OR 1=1 --"), "")
	f(id(identity.User, "b%"), "")
}

func TestTraitsAndIdentifiersOfAPerson(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	trait := func(of identity.Identifier, hour int, name, value string) Note {
		n := said(hour, fmt.Sprint("t", hour), 1, of)
		n.Traits = []Trait{{Of: of, Name: name, Value: []byte(value), At: n.Seen[0].At, Event: n.Seen[0].Event, Source: "web"}}
		return n
	}
	note(t, s, trait(ada, 5, "plan", `"pro"`), trait(home, 1, "plan", `"free"`), trait(home, 2, "city", `"Rome"`), trait(ada, 6, "city", `null`), trait(work, 3, "seats", `4`))
	f := func(i identity.Identifier, person string, ids []identity.Identifier, traits ...string) {
		t.Helper()
		sub, err := s.Find(t.Context(), i)
		if err != nil || sub.Person != person {
			t.Fatalf("%v: %+v, %v", i, sub, err)
		}
		all, err := s.TraitsOf(t.Context(), sub)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, x := range all {
			got = append(got, x.Name+"="+string(x.Value))
		}
		if diff := cmp.Diff(traits, got); diff != "" {
			t.Errorf("traits of %v (- want): %s", i, diff)
		}
		seen, err := s.IdentifiersOf(t.Context(), sub)
		if err != nil {
			t.Fatal(err)
		}
		var values []identity.Identifier
		for _, x := range seen {
			values = append(values, x.Identifier)
		}
		if diff := cmp.Diff(ids, values); diff != "" {
			t.Errorf("identifiers of %v (- want): %s", i, diff)
		}
	}
	f(home, "home", []identity.Identifier{home}, `city="Rome"`, `plan="free"`) // not resolved yet
	settle(t, s, "ada", identity.Linking, ada, home)
	settle(t, s, "work", identity.Linking, work)
	f(home, "ada", []identity.Identifier{home, ada}, `plan="pro"`)
	f(ada, "ada", []identity.Identifier{home, ada}, `plan="pro"`)
	f(work, "work", []identity.Identifier{work}, `seats=4`)
}

func TestProfilesAreReadByIndexes(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	for _, st := range s.reading.statements() {
		rows, err := s.db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+st.text, "a", "b", "c")
		steps, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (step string, err error) {
			err = r.Scan(new(int), new(int), new(int), &step)
			return
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if strings.HasPrefix(step, "SCAN") {
				t.Errorf("%s: %s", st.text, step)
			}
		}
	}
}

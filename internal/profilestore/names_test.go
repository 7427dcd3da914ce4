package profilestore

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

// traits is the note of an identify call at an hour: pairs of a name and a JSON value.
func traits(hour int, of identity.Identifier, pairs ...string) Note {
	event := fmt.Sprintf("t%03d", hour)
	n := said(hour, event, 0, of)
	for i := 0; i < len(pairs); i += 2 {
		n.Traits = append(n.Traits, Trait{Of: of, Name: pairs[i], Value: []byte(pairs[i+1]), At: start.Add(time.Duration(hour) * time.Hour), Event: event, Source: "web"})
	}
	return n
}

// finds fails unless a text finds just these people by name.
func finds(t *testing.T, s *Store, text string, want ...string) {
	t.Helper()
	all, err := s.Called(t.Context(), text, 20)
	var got []string
	for _, n := range all {
		got = append(got, n.Person)
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("people called %q, %v (- want): %s", text, err, diff)
	}
}

func TestNamesAreMadeOfTraits(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	n := 0
	f := func(want string, pairs ...string) {
		t.Helper()
		n++
		who := id(identity.User, fmt.Sprint("u", n))
		note(t, s, traits(1, who, pairs...))
		got, err := s.Names(t.Context(), []string{who.Value, "nobody"})
		if err != nil || got[who.Value] != want || len(got) > 1 || want == "" && len(got) > 0 {
			t.Errorf("%q: names %q, %v; want %q", pairs, got, err, want)
		}
		if want != "" {
			finds(t, s, want, who.Value)
		}
	}
	f("Ada Lovelace", "name", `" Ada  Lovelace "`, "first_name", `"Augusta"`)
	f("Grace Hopper", "firstName", `"Grace"`, "lastName", `"Hopper"`)
	f("Alan Turing", "first_name", `"Alan"`, "last_name", `"Turing"`, "firstName", `"A"`, "name", `""`)
	f("Knuth", "lastName", `"Knuth"`, "name", `null`)
	f("Édouard", "name", `"\u00c9douard"`) // as clients escape it
	f("Hamilton", "first_name", `"[person]"`, "last_name", `"Hamilton"`)
	f("", "name", `"[name]"`, "title", `"Dr"`)
	f("", "name", `7`, "first_name", `{"a":"b"}`)
	f("", "name", strings.Repeat("[", 1500)+strings.Repeat("]", 1500)) // deeper than SQLite reads JSON
	finds(t, s, "person")
	finds(t, s, "Augusta") // goes by another name
}

func TestPeopleAreFoundByWhatTheirNamesBeginWith(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	for i, name := range []string{"Ada Lovelace", "José Núñez", "Jose Arcadio", "Конрад Цузе", "Όμηρος", "राम कुमार", "李小龙", "Conan O'Brien", `100% "Quoted"_x`, "Adalbert"} {
		note(t, s, traits(i, id(identity.User, fmt.Sprint("u", i)), "name", fmt.Sprintf("%q", name)))
	}
	finds(t, s, "ad", "u0", "u9")
	finds(t, s, "ADA", "u0", "u9")
	finds(t, s, "adal", "u9")
	finds(t, s, "love", "u0")
	finds(t, s, "ada  LOVE", "u0")
	finds(t, s, "lovelace ada")
	finds(t, s, "velace")
	finds(t, s, "jose", "u2")
	finds(t, s, "JOSÉ", "u1")
	finds(t, s, "núñ", "u1")
	finds(t, s, "цУз", "u3")
	finds(t, s, "όμηροσ", "u4") // the sigma that does not end a word
	finds(t, s, "ΌΜΗΡΟΣ", "u4")
	finds(t, s, "रा", "u5")
	finds(t, s, "李小", "u6")
	finds(t, s, "o'b", "u7")
	finds(t, s, "brien", "u7")
	finds(t, s, `"quoted"`, "u8")
	finds(t, s, "100", "u8")
	for _, text := range []string{"", " ", "a", "a%", "%", "_", "%%", "__", `"`, `""`, "*", "a*", "\x00", "\x00\x00", "\xff\xff", "(", "NOT", "u1", "a OR b", "name:ada", "ad^a"} {
		finds(t, s, text)
	}
}

func TestPeopleAreFoundByNamesOfNow(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	note(t, s, traits(2, ada, "name", `"Ada Byron"`))
	finds(t, s, "byr", "ada")
	note(t, s, traits(1, ada, "name", `"Late Word"`), traits(3, ada, "name", `"Ada King"`))
	finds(t, s, "byr")
	finds(t, s, "late")
	finds(t, s, "king", "ada")
	note(t, s, traits(4, home, "name", `"Countess"`))
	finds(t, s, "countess", "home")
	settle(t, s, "ada", identity.Linking, ada, home)
	finds(t, s, "countess", "ada")
	finds(t, s, "king") // the later name is that of both
	note(t, s, traits(5, ada, "name", `"Ada Lovelace"`))
	finds(t, s, "countess")
	finds(t, s, "lovelace", "ada")
	settle(t, s, "home", identity.Linking, home)
	finds(t, s, "countess", "home")
	finds(t, s, "lovelace", "ada")
	note(t, s, traits(6, ada, "name", `null`))
	finds(t, s, "lovelace")
	settle(t, s, "", identity.Blocked, home)
	finds(t, s, "countess")
	if names, err := s.Names(t.Context(), []string{"ada", "home"}); err != nil || len(names) != 0 {
		t.Errorf("names %v, %v; want none", names, err)
	}
	if _, err := s.db.ExecContext(t.Context(), `DELETE FROM traits`); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM names WHERE names MATCH '"countess"'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d words of removed traits are left, %v", left, err)
	}
}

func TestWholeWordsComeFirstAndAreBounded(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	for i := range 150 { // more than are looked at together
		note(t, s, traits(i, id(identity.User, fmt.Sprintf("u%03d", i)), "first_name", `"Ann"`, "name", `"Somebody Else"`))
	}
	note(t, s, traits(1, id(identity.User, "anna"), "name", `"Anna"`), traits(2, id(identity.User, "ann"), "name", `"Mary Ann"`))
	finds(t, s, "ann", "ann", "anna")
	finds(t, s, "anna", "anna")
	if all, err := s.Called(t.Context(), "some", 20); err != nil || len(all) != 20 || all[0] != (Named{"u000", "Somebody Else"}) {
		t.Errorf("people called so: %v, %v; want the first 20", all, err)
	}
}

func TestUpgradeFindsStoredNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.sqlite")
	writeOld(t, path, "0005_last.sql",
		`INSERT INTO identifiers (id, type, value, first_at) VALUES (1, 'user_id', 'ada', 1), (2, 'user_id', 'bob', 1)`,
		`INSERT INTO traits (identifier, name, value, at, event, source) VALUES (1, 'first_name', '"Ada"', 1, 'e', 'web'), (1, 'lastName', '"Lovelace"', 1, 'e', 'web'), (2, 'name', '[[', 1, 'e', 'web')`)
	finds(t, open(t, path), "ada love", "ada")
}

func TestPeopleAreLookedUpByTheirKeys(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	for _, keys := range []int{1, 10, 400} {
		args := make([]any, keys)
		var plan string
		err := s.db.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN SELECT i.id FROM identifiers i WHERE `+isPerson+` AND i.person <> '' AND i.person IN `+sqlite.Marks(keys), args...).
			Scan(new(int), new(int), new(int), &plan)
		if err != nil || !strings.Contains(plan, "identifiers_person") {
			t.Errorf("%d persons: %s, %v; want by the index of persons", keys, plan, err)
		}
	}
}

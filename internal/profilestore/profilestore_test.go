package profilestore

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/sqlite"
)

var start = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var (
	ada  = identity.Identifier{Type: identity.User, Value: "ada"}
	home = identity.Identifier{Type: identity.Anonymous, Value: "home"}
	work = identity.Identifier{Type: identity.Anonymous, Value: "work"}
)

// said is the note of a call at an hour.
func said(hour int, event string, position uint64, ids ...identity.Identifier) Note {
	c := identity.Call{At: start.Add(time.Duration(hour) * time.Hour), Event: event, Source: "web", Named: ids}
	n := Note{Position: position}
	n.Seen, n.Claims = c.Evidence()
	return n
}

func note(t *testing.T, s *Store, notes ...Note) {
	t.Helper()
	for _, n := range notes {
		if err := s.Note(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, s *Store, ids ...identity.Identifier) identity.Loaded {
	t.Helper()
	l, err := s.Load(t.Context(), ids, 100)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEarliestClaimIsKeptWhateverCameFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.sqlite")
	s := open(t, path)
	note(t, s, said(5, "m5", 1, ada, home), said(2, "m2", 2, home, ada), said(9, "m9", 3, ada, home), said(2, "m2", 4, home, ada))
	_ = s.Close()
	s = open(t, path)
	note(t, s, said(1, "m1", 5, home))
	l := load(t, s, ada)
	if len(l.Claims) != 1 || l.Claims[0].Event != "m2" || !l.Claims[0].At.Equal(start.Add(2*time.Hour)) {
		t.Errorf("claims %+v; want that of m2", l.Claims)
	}
	first := map[identity.Identifier]string{}
	for _, x := range l.Seen {
		first[x.Identifier] = x.Event
	}
	if diff := cmp.Diff(map[identity.Identifier]string{ada: "m2", home: "m1"}, first); diff != "" {
		t.Error(diff)
	}
}

func TestClaimsAfterAnUndoCountAnew(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	note(t, s, said(2, "m2", 1, ada, home), said(3, "m3", 1, ada, home))
	if _, err := s.Decide(t.Context(), identity.Decision{Kind: identity.Undo, Event: "m2"}, start, nil); err != nil {
		t.Fatal(err)
	}
	note(t, s, said(4, "m4", 1, ada, home), said(2, "m2", 1, ada, home))
	events := map[string]bool{}
	for _, c := range load(t, s, home).Claims {
		events[c.Event] = true
	}
	if diff := cmp.Diff(map[string]bool{"m2": true, "m4": true}, events); diff != "" {
		t.Error(diff)
	}
}

func TestAliasBecomesAClaimOfRowsOnceARowSaysSo(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	c := identity.Call{At: start, Event: "m0", Named: []identity.Identifier{ada}, Previous: "home"}
	n := Note{}
	n.Seen, n.Claims = c.Evidence()
	note(t, s, n)
	if got, err := s.Companions(t.Context(), []identity.Identifier{home}, 9); err != nil || len(got[home]) != 0 {
		t.Errorf("an alias alone: companions %v, %v", got, err)
	}
	if l := load(t, s, home); len(l.Seen) != 1 || l.Seen[0].Identifier != ada {
		t.Errorf("what an alias names was seen: %+v", l.Seen)
	}
	note(t, s, said(1, "m1", 1, ada, home))
	if got, err := s.Companions(t.Context(), []identity.Identifier{home}, 9); err != nil || len(got[home]) != 1 {
		t.Errorf("a row too: companions %v, %v", got, err)
	}
}

func TestMarksWaitForTheirRowsAndSurviveRenewal(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	note(t, s, said(1, "m1", 7, home))
	if due, err := s.Due(t.Context(), 6, 10); err != nil || len(due) != 0 {
		t.Errorf("before its rows are stored: due %v, %v", due, err)
	}
	due, err := s.Due(t.Context(), 7, 10)
	if err != nil || len(due) != 1 || due[0].Identifier != home || !due[0].Dirty {
		t.Fatalf("due %+v, %v", due, err)
	}
	note(t, s, said(2, "m2", 7, ada, home)) // while it is looked at
	if err := s.Settle(t.Context(), []Standing{{Identifier: home, Person: "ada", Told: "=ada"}}, due, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Waiting(t.Context()); err != nil || n != 2 {
		t.Errorf("%d marks wait, %v; want both ends of the claim", n, err)
	}
	if of, err := s.Identifiers(t.Context(), "ada"); err != nil || len(of) != 1 || of[0].Identifier != home {
		t.Errorf("identifiers of the person %+v, %v", of, err)
	}
	got, err := s.Standings(t.Context(), []identity.Identifier{home, work})
	if diff := cmp.Diff(map[identity.Identifier]Standing{home: {Identifier: home, Person: "ada", Told: "=ada"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDecisionsKeepTheirOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.sqlite")
	s := open(t, path)
	for n := range 12 { // the clock stands still
		d, err := s.Decide(t.Context(), identity.Decision{Kind: identity.Merge, A: ada, B: home, By: string(rune('a' + n))}, start, nil)
		if err != nil || d.ID == "" {
			t.Fatal(d, err)
		}
	}
	_ = s.Close()
	all, err := open(t, path).Decisions(t.Context())
	if err != nil || len(all) != 12 {
		t.Fatal(len(all), err)
	}
	for n, d := range all {
		if d.By != string(rune('a'+n)) || n > 0 && (!d.At.After(all[n-1].At) || d.ID <= all[n-1].ID) {
			t.Errorf("decision %d is %+v", n, d)
		}
	}
}

func TestAccountsCountPersons(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	group := func(account string, hour int, member identity.Identifier) Note {
		return Note{Groups: []Group{{Account: account, Member: member, At: start.Add(time.Duration(hour) * time.Hour), Event: "g", Source: "web"}},
			Traits: []Trait{{Account: account, Name: "plan", Value: []byte(`"pro"`), At: start.Add(time.Duration(hour) * time.Hour), Event: "g", Source: "web"}}}
	}
	note(t, s, said(1, "m1", 0, ada, home), group("acme", 5, ada), group("acme", 2, home), group("acme", 3, work), group("zeta", 1, work))
	if err := s.Settle(t.Context(), []Standing{{Identifier: ada, Person: "ada"}, {Identifier: home, Person: "ada"}}, nil, nil); err != nil {
		t.Fatal(err)
	}
	all, err := s.Accounts(t.Context(), "", 10)
	if err != nil || len(all) != 2 || all[0].ID != "acme" || all[0].Members != 2 || !all[0].FirstAt.Equal(start.Add(2*time.Hour)) {
		t.Errorf("accounts %+v, %v", all, err)
	}
	if members, err := s.AccountMembers(t.Context(), "acme", "", 10); err != nil || cmp.Diff([]string{"ada", "work"}, members) != "" {
		t.Errorf("members %v, %v", members, err)
	}
	of := func(want ...string) {
		t.Helper()
		if got, err := s.AccountsOf(t.Context(), []identity.Identifier{work, home}); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("accounts of work and home: %v, %v; want %v", got, err, want)
		}
	}
	of("acme", "zeta")
	note(t, s, group("zeta", 4, home), group("beta", 4, work), group("zeta", 0, work)) // the last one came late
	of("beta", "zeta", "acme")
	if traits, err := s.AccountTraits(t.Context(), "acme"); err != nil || len(traits) != 1 || string(traits[0].Value) != `"pro"` {
		t.Errorf("traits %+v, %v", traits, err)
	}
	if _, err := s.Account(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an account that there is none of: %v", err)
	}
}

// writeOld writes a file of an earlier format by statements, and returns the steps to that format.
func writeOld(t *testing.T, path, last string, texts ...string) fstest.MapFS {
	t.Helper()
	steps := fstest.MapFS{}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := "migrations/" + f.Name()
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		steps[name] = &fstest.MapFile{Data: text}
		if f.Name() == last {
			break
		}
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Name: "profiles", Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	_ = db.Close()
	return steps
}

func TestUpgradeKeepsClaimsAndACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.sqlite")
	old := writeOld(t, path, "0003_computed.sql",
		`INSERT INTO identifiers (id, type, value, first_at) VALUES (1, 'user_id', 'ada', 1), (2, 'anonymous_id', 'home', 1), (3, 'anonymous_id', 'work', NULL)`,
		`INSERT INTO accounts (id, first_at, first_event, first_source) VALUES ('acme', 1, 'g', 'web'), ('zeta', 2, 'g', 'web')`,
		`INSERT INTO account_members (account, identifier, first_at) VALUES ('acme', 1, 1), ('zeta', 1, 2)`,
		`INSERT INTO claims (a, b, at, event, source, alias) VALUES (1, 2, 7, 'said', 'web', 0), (1, 3, 8, 'alias', 'web', 1)`)
	s := open(t, path)
	for event, want := range map[string]identity.Basis{"said": identity.ByCall, "alias": identity.ByAlias} {
		if got, err := s.ClaimsOf(t.Context(), event); err != nil || len(got) != 1 || got[0].Basis != want {
			t.Errorf("claims of %s: %+v, %v; want one of basis %v", event, got, err, want)
		}
	}
	if of, err := s.AccountsOf(t.Context(), []identity.Identifier{ada}); err != nil || cmp.Diff([]string{"zeta", "acme"}, of) != "" {
		t.Errorf("accounts %v, %v; want the one that was joined last first", of, err)
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path + ".format-3", Name: "copy", Steps: old, Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
}

func TestComputedValuesComeInOrderOfPersonAndKey(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "p.sqlite"))
	var v Save
	var persons []string
	for i := range 900 { // more than are asked for at once
		persons = append(persons, fmt.Sprintf("p%03d", 899-i))
		for _, key := range []string{"b", "a"} {
			v.Outcomes = append(v.Outcomes, Outcome{Key: key, Person: persons[i], Value: []byte("1")})
		}
	}
	if _, err := s.SaveComputed(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	got, err := s.ComputedOf(t.Context(), persons)
	if err != nil || len(got) != 1800 {
		t.Fatalf("%d values, %v", len(got), err)
	}
	if one, err := s.ComputedOfOne(t.Context(), "p001"); err != nil || cmp.Diff(got[2:4], one) != "" {
		t.Errorf("of one person: %+v, %v; want %+v", one, err, got[2:4])
	}
	for i, c := range got {
		if want := fmt.Sprintf("p%03d %c", i/2, "ab"[i%2]); c.Person+" "+c.Key != want {
			t.Fatalf("value %d is of %s %s; want %s", i, c.Person, c.Key, want)
		}
	}
}

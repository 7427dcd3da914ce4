package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

var start = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

// rig is people over a store in memory.
type rig struct {
	t        *testing.T
	path     string
	store    *memstore.Store
	profiles *profilestore.Store
	people   *People
	position uint64
	touched  []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "profiles.sqlite"), store: memstore.New()}
	r.open()
	return r
}

func (r *rig) open() {
	r.t.Helper()
	var err error
	if r.profiles, err = profilestore.Open(r.t.Context(), r.path); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = r.profiles.Close() })
	r.people, err = Open(r.t.Context(), Config{Store: r.store, Profiles: r.profiles, Touched: func(persons []string) { r.touched = append(r.touched, persons...) }})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) reopen() {
	r.t.Helper()
	if err := r.profiles.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

// row reads "hours u1 a1 e1": an identify call if there is an address, else a message.
func row(line string) *event.Event {
	words := strings.Fields(line)
	hours, err := time.ParseDuration(words[0] + "h")
	if err != nil {
		panic(err)
	}
	at := start.Add(hours)
	e := &event.Event{ID: "m " + line, Source: "web", OccurredAt: at, OriginalAt: at, ReceivedAt: at, Kind: event.KindMessage, Action: "sent", Role: event.RoleUser, ConversationID: "c " + line}
	email := ""
	for _, w := range words[1:] {
		switch kind, rest, _ := strings.Cut(w, ":"); {
		case kind == "alias":
			e.Kind, e.Action, e.ConversationID = event.KindIdentity, "aliased", ""
			e.Properties = json.RawMessage(fmt.Sprintf(`{"previousId":%q}`, rest))
		case w[0] == 'u':
			e.UserID = w
		case w[0] == 'a':
			e.AnonymousID = w
		case w[0] == 'e':
			email = w + "@example.com"
		}
	}
	if email != "" && e.Kind != event.KindIdentity {
		e.Kind, e.Action, e.ConversationID = event.KindIdentity, "identified", ""
		e.Properties = json.RawMessage(fmt.Sprintf(`{"email":%q}`, email))
	}
	e.Raw = json.RawMessage(fmt.Sprintf(`{"userId":%q}`, e.UserID))
	return e
}

// put lets rows come as the pipeline does.
func (r *rig) put(rows ...*event.Event) {
	r.t.Helper()
	r.position++
	if err := r.people.Note(r.t.Context(), rows, r.position); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.store.Write(r.t.Context(), &eventstore.Batch{Puts: rows, Cursor: r.position}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) say(lines string) {
	r.t.Helper()
	for _, line := range strings.Split(lines, ";") {
		r.put(row(line))
	}
	r.resolve()
}

func (r *rig) resolve() {
	r.t.Helper()
	if _, err := r.people.Resolve(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// persons renders who the event store says people are: each person with the ids of their rows.
func (r *rig) persons() string {
	r.t.Helper()
	seen := map[string][]string{}
	for _, field := range []string{"user_id", "anonymous_id"} {
		res, err := r.store.Query(r.t.Context(), query.Query{Grain: query.Events, Breakdown: []string{"person", field}, Measures: []query.Measure{{As: "n", Op: query.Count}}})
		if err != nil {
			r.t.Fatal(err)
		}
		for _, row := range res.Rows {
			if person, id := row.Keys[0].Value, row.Keys[1].Value; id != "" {
				seen[person] = append(seen[person], id)
			}
		}
	}
	var out []string
	for person, ids := range seen {
		slices.Sort(ids)
		out = append(out, person+": "+strings.Join(ids, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (r *rig) want(law, want string) {
	r.t.Helper()
	if got := r.persons(); got != want {
		r.t.Errorf("%s:\ngot  %s\nwant %s", law, got, want)
	}
}

func TestFiguresFollowIdentity(t *testing.T) {
	f := func(law, lines, want string) {
		t.Helper()
		r := newRig(t)
		r.say(lines)
		r.want(law, want)
	}
	f("sign-in is retroactive", "0 a1;1 u1 a1", "u1: a1 u1")
	f("a second device joins by the address", "0 u1 a1 e1;1 a2;2 a2 e1", "u1: a1 a2 u1")
	f("a shared device merges nobody", "0 a1;1 u1 a1;2 u2 a1;3 a1", "a1: a1; u1: a1 u1; u2: a1 u2")
	f("an alias joins what was anonymous", "0 a1;1 u1 alias:a1", "u1: a1 u1")
	f("ids that are none are nobody's", "0 undefined a1;1 a2 e1", "a1: a1 undefined; a2: a2")
	f("a blocked user is whose the device is", "0 unknown a1;1 u1 a1", "u1: a1 u1 unknown")
}

func TestMergeAndUndoAreExact(t *testing.T) {
	r := newRig(t)
	r.say("0 u1 a1;1 u2 a2;2 a3;3 u2 a3")
	before := "u1: a1 u1; u2: a2 a3 u2"
	r.want("before", before)
	p, err := r.people.Preview(t.Context(), "u2", "a1")
	if err != nil {
		t.Fatal(err)
	}
	if p.Merged.Key.Value != "u1" || len(p.Merged.Identifiers) != 5 || len(p.Exceeded) != 1 || p.Exceeded[0].Type != identity.User {
		t.Errorf("preview %+v", p)
	}
	r.want("a preview changes nothing", before)
	d, g, err := r.people.Merge(t.Context(), "ada", "u2", "a1")
	if err != nil {
		t.Fatal(err)
	}
	if d.By != "ada" || len(g.Decisions) != 1 || len(g.Person.Identifiers) != 5 {
		t.Errorf("merged %+v, graph %+v", d, g)
	}
	r.want("merged", "u1: a1 a2 a3 u1 u2")
	r.reopen()
	r.say("4 u2 a4")
	r.want("what comes later follows, after a restart too", "u1: a1 a2 a3 a4 u1 u2")
	if _, _, err := r.people.Merge(t.Context(), "", "u1", "u2"); !errors.Is(err, ErrInvalid) {
		t.Errorf("merging one person: %v", err)
	}
	if _, err := r.people.Undo(t.Context(), "ada", d.ID); err != nil {
		t.Fatal(err)
	}
	r.want("undone", "u1: a1 u1; u2: a2 a3 a4 u2")
	if _, err := r.people.Undo(t.Context(), "ada", d.ID); !errors.Is(err, ErrInvalid) {
		t.Errorf("undone twice: %v", err)
	}
	if _, err := r.people.Undo(t.Context(), "ada", "c99"); !errors.Is(err, ErrNotFound) {
		t.Errorf("undone what never was: %v", err)
	}
}

func TestDetachAndUndoAreExact(t *testing.T) {
	r := newRig(t)
	r.say("0 a1;1 u1 a1 e1;2 a2;3 a2 e1;4 u1")
	before := "u1: a1 a2 u1"
	r.want("before", before)
	address := identity.Identifier{Type: identity.Email, Value: "e1@example.com"}
	p, err := r.people.PreviewDetach(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Before.Identifiers) != 4 || len(p.Detached.Identifiers) != 1 || len(p.Rest) != 2 || p.Rest[0].Key.Value != "u1" || p.Rest[1].Key.Value != "a2" {
		t.Errorf("preview %+v; want u1 with its device, and a2, which the address alone links", p)
	}
	r.want("a preview changes nothing", before)
	d, err := r.people.Detach(t.Context(), "ada", address)
	if err != nil {
		t.Fatal(err)
	}
	r.want("detached", "a2: a2; u1: a1 u1")
	r.reopen()
	r.say("5 a3 e1;6 u1 a4")
	r.want("what comes later links nothing by it, after a restart too", "a2: a2; a3: a3; u1: a1 a4 u1")
	g, err := r.people.Graph(t.Context(), "u1")
	if err != nil || len(g.Decisions) != 1 || g.Decisions[0].By != "ada" || g.Decisions[0].A != address {
		t.Errorf("the graph of u1 shows %+v, %v; want the decision about its address, which has no page", g.Decisions, err)
	}
	if _, err := r.people.Detach(t.Context(), "", address); !errors.Is(err, ErrInvalid) {
		t.Errorf("detached twice: %v", err)
	}
	if _, err := r.people.PreviewDetach(t.Context(), identity.Identifier{Type: identity.User, Value: "u9"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an id that never came: %v", err)
	}
	if _, err := r.people.PreviewDetach(t.Context(), identity.Identifier{Type: identity.User, Value: "null"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("an id that is blocked: %v", err)
	}
	if _, err := r.people.Undo(t.Context(), "ada", d.ID); err != nil {
		t.Fatal(err)
	}
	r.want("undone", "u1: a1 a2 a3 a4 u1")
}

func TestUndoneClaimStaysUndone(t *testing.T) {
	r := newRig(t)
	r.say("0 a1;1 u1 a2;2 u1 a1")
	r.want("signed in", "u1: a1 a2 u1")
	g, err := r.people.Graph(t.Context(), "a1")
	if err != nil {
		t.Fatal(err)
	}
	n := slices.IndexFunc(g.Person.Joins, func(j identity.Join) bool { return j.Merge })
	if n < 0 {
		t.Fatalf("no merge among %+v", g.Person.Joins)
	}
	d, err := r.people.Undo(t.Context(), "ada", g.Person.Joins[n].Claim.ID)
	if err != nil {
		t.Fatal(err)
	}
	// The row of the call names the user itself.
	r.want("undone", "a1: a1; u1: a1 a2 u1")
	r.say("3 u1 a1;4 a1")
	r.want("the same call again changes nothing", "a1: a1; u1: a1 a2 u1")
	if _, err := r.people.Undo(t.Context(), "ada", d.ID); err != nil {
		t.Fatal(err)
	}
	r.want("undoing the undoing", "u1: a1 a2 u1")
}

func TestWhatWasStoredIsTakenUp(t *testing.T) {
	r := newRig(t)
	var rows []*event.Event
	for n := range 3 * takingPage {
		rows = append(rows, row(fmt.Sprintf("%d a%d", n, n%7)))
	}
	rows = append(rows, row("1 u1 a1 e1"), row("9 a2 e1"))
	if _, err := r.store.Write(t.Context(), &eventstore.Batch{Puts: rows}); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = r.people.takeUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if more {
			r.reopen()
		}
	}
	r.resolve()
	if p, err := r.people.Progress(t.Context()); err != nil || !p.Finished || p.Rows != int64(len(rows)) || p.Waiting != 0 {
		t.Errorf("progress %+v, %v", p, err)
	}
	r.want("taken up", "a0: a0; a3: a3; a4: a4; a5: a5; a6: a6; u1: a1 a2 u1")
}

// Without its file everybody is taken up anew, but for decisions; what the event store was told by the lost ones goes.
func TestLostProfilesAreMadeAnew(t *testing.T) {
	r := newRig(t)
	r.say("0 u1 a1;1 u2 a2;2 a3;3 undefined a1;4 u3 a4 e1;5 a5 e1")
	before := "a3: a3; u1: a1 u1 undefined; u2: a2 u2; u3: a4 a5 u3"
	r.want("before", before)
	for _, pair := range [][2]string{{"u1", "u2"}, {"a3", "u2"}} {
		if _, _, err := r.people.Merge(t.Context(), "ada", pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	r.want("merged", "u1: a1 a2 a3 u1 u2 undefined; u3: a4 a5 u3")
	if err := r.profiles.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(r.path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	r.open()
	if err := r.people.SetRules(t.Context(), identity.DefaultRules()); err != nil { // a change in the middle loses nothing
		t.Fatal(err)
	}
	for wait := time.Duration(0); wait == 0; r.reopen() {
		if wait, err = r.people.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.want("made anew", before)
	if r.people.anew() {
		t.Error("everybody is told of for ever")
	}
}

func TestRulesApplyToWhatWas(t *testing.T) {
	r := newRig(t)
	r.say("0 u1 a1;1 utest a2;2 utest a3")
	r.want("before", "u1: a1 u1; utest: a2 a3 utest")
	rules := r.people.Rules()
	rules.Blocked = append(rules.Blocked, "utest")
	if err := r.people.SetRules(t.Context(), rules); err != nil {
		t.Fatal(err)
	}
	r.resolve()
	r.want("blocked", "a2: a2 utest; a3: a3 utest; u1: a1 u1")
	if flags, err := r.people.Flags(t.Context(), 10); err != nil || len(flags) != 1 || flags[0].Value != "utest" || flags[0].State != identity.Blocked {
		t.Errorf("flags %+v, %v", flags, err)
	}
	if err := r.people.SetRules(t.Context(), identity.DefaultRules()); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = r.people.takeUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.resolve()
	r.want("blocked no more", "u1: a1 u1; utest: a2 a3 utest")
	if err := r.people.SetRules(t.Context(), identity.Rules{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("rules without types: %v", err)
	}
}

func TestLastTraitWins(t *testing.T) {
	r := newRig(t)
	trait := func(line, traits string) {
		e := row(line)
		e.Kind, e.Action, e.Properties = event.KindIdentity, "identified", json.RawMessage(traits)
		e.Raw = e.Properties
		r.put(e)
	}
	trait("5 u1", `{"plan":"pro","city":"Bern"}`)
	trait("1 a1", `{"plan":"free","name":"Ada"}`)
	trait("7 u1 a1", `{"city":null}`)
	trait("6 u1", `{"city":"Genf"}`)
	r.resolve()
	g, err := r.people.Graph(t.Context(), "a1")
	if err != nil {
		t.Fatal(err)
	}
	traits, err := r.profiles.Traits(t.Context(), ids(&g.Person))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, t := range traits {
		got = append(got, fmt.Sprintf("%s=%s at %v by %s", t.Name, t.Value, t.At.Sub(start), t.Event))
	}
	if diff := cmp.Diff([]string{`name="Ada" at 1h0m0s by m 1 a1`, `plan="pro" at 5h0m0s by m 5 u1`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecidedPersonsAreTold(t *testing.T) {
	r := newRig(t)
	var told []string
	r.people.config.Decided = func(_ context.Context, persons []string) error {
		told = append(told, persons...)
		return nil
	}
	r.say("0 a1;1 u1 a1;2 u2")
	if len(told) > 0 {
		t.Errorf("told of %v, though rows say so themselves", told)
	}
	d, _, err := r.people.Merge(t.Context(), "", "u1", "u2")
	if err != nil || !slices.Equal(told, []string{"u1", "u2"}) {
		t.Errorf("merged: told of %v, %v", told, err)
	}
	told = nil
	if _, err := r.people.Undo(t.Context(), "", d.ID); err != nil || !slices.Equal(told, []string{"u1", "u2"}) {
		t.Errorf("undone: told of %v, %v", told, err)
	}
}

func TestTouchedPersonsAreTold(t *testing.T) {
	r := newRig(t)
	f := func(lines string, want ...string) {
		t.Helper()
		r.touched = nil
		r.say(lines)
		slices.Sort(r.touched)
		if diff := cmp.Diff(want, slices.Compact(r.touched)); diff != "" {
			t.Errorf("%s: %s", lines, diff)
		}
	}
	f("0 a1", "a1")
	f("1 u1 a1", "a1", "u1") // who a1 was, and is
	f("2 a1", "u1")
	f("3 u2", "u2")
}

// Who is told apart stays so when those whose rows name them become one.
func TestToldApartFromPeopleWhoAreMergedLater(t *testing.T) {
	r := newRig(t)
	for _, lines := range []string{"0 u1 a1", "5 a1;6 u2 a1"} {
		r.say(lines)
		g, err := r.people.Graph(t.Context(), "a1")
		if err != nil || len(g.Person.Joins) != 1 {
			t.Fatalf("%s: joins %+v, %v; want one", lines, g.Person.Joins, err)
		}
		if _, err := r.people.Undo(t.Context(), "", g.Person.Joins[0].Claim.ID); err != nil {
			t.Fatal(err)
		}
	}
	r.want("apart", "a1: a1; u1: a1 u1; u2: a1 u2")
	if _, _, err := r.people.Merge(t.Context(), "", "u1", "u2"); err != nil {
		t.Fatal(err)
	}
	r.want("the users are one", "a1: a1; u1: a1 u1 u2")
}

// Whatever comes in whatever order, and whatever is decided meanwhile, rows are whose package identity says of all
// that was claimed.
func TestStoreAnswersAsTheGraph(t *testing.T) {
	n := 80
	if testing.Short() || os.Getenv("CI") != "" {
		n = 30
	}
	base := rand.Uint64()
	for i := range n {
		seed := base + uint64(i)
		rnd := rand.New(rand.NewPCG(seed, 1))
		r := newRig(t)
		var calls []*event.Event
		for n := range 1 + rnd.IntN(14) {
			line := fmt.Sprint(n * 5)
			for _, k := range []struct {
				letter  string
				n, of10 int
			}{{"u", 4, 5}, {"a", 6, 8}, {"e", 3, 3}} {
				if rnd.IntN(10) < k.of10 {
					line += fmt.Sprint(" ", k.letter, rnd.IntN(k.n))
				}
			}
			if rnd.IntN(8) == 0 {
				line += fmt.Sprint(" alias:a", rnd.IntN(6))
			}
			if rnd.IntN(12) == 0 {
				line = fmt.Sprint(n*5, " undefined a", rnd.IntN(6))
			}
			calls = append(calls, row(line))
		}
		rnd.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		for at, e := range calls {
			r.put(e)
			if rnd.IntN(3) == 0 {
				r.resolve()
			}
			if rnd.IntN(4) == 0 {
				r.decideSomething(rnd, calls[:at+1])
			}
		}
		r.resolve()
		r.compare(calls)
		if t.Failed() {
			var lines []string
			for _, e := range calls {
				lines = append(lines, e.ID)
			}
			t.Fatalf("seed %d: %s\ndecisions %+v", seed, strings.Join(lines, "; "), r.people.decisions)
		}
		_ = r.profiles.Close()
	}
}

func (r *rig) decideSomething(rnd *rand.Rand, calls []*event.Event) {
	one := func() string {
		e := calls[rnd.IntN(len(calls))]
		if e.UserID != "" {
			return e.UserID
		}
		return e.AnonymousID
	}
	if g, err := r.people.Graph(r.t.Context(), one()); err == nil && len(g.Person.Joins) > 0 && rnd.IntN(2) == 0 {
		j := g.Person.Joins[rnd.IntN(len(g.Person.Joins))]
		id := j.Claim.ID
		if j.Decision != "" {
			id = j.Decision
		}
		if _, err := r.people.Undo(r.t.Context(), "", id); err != nil {
			r.t.Errorf("undo %s: %v", id, err)
		}
		return
	}
	if _, _, err := r.people.Merge(r.t.Context(), "", one(), one()); err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrNotFound) {
		r.t.Errorf("merge: %v", err)
	}
}

// compare compares the store's persons with those of all claims that are kept.
func (r *rig) compare(calls []*event.Event) {
	r.t.Helper()
	resolver, x, decisions := r.people.going()
	var all []identity.Identifier
	for _, e := range calls {
		all = append(all, identity.Identifier{Type: identity.User, Value: e.UserID}, identity.Identifier{Type: identity.Anonymous, Value: e.AnonymousID})
		var n profilestore.Note
		x.add(&n, e)
		for _, s := range n.Seen {
			all = append(all, s.Identifier)
		}
	}
	l, err := r.profiles.Load(r.t.Context(), all, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	whole := resolver.Resolve(identity.Facts{Seen: l.Seen, Claims: l.Claims, Decisions: decisions})
	for _, e := range calls {
		want := e.UserID
		if who := x.who(e); who.Value != "" {
			want = whole.Of(who).Key.Value
		} else if want == "" {
			want = e.AnonymousID
		}
		if want == "" {
			continue
		}
		res, err := r.store.Query(r.t.Context(), query.Query{Grain: query.Events, Filter: query.Is("id", query.Eq, e.ID), Breakdown: []string{"person"}, Measures: []query.Measure{{As: "n", Op: query.Count}}})
		if err != nil {
			r.t.Fatal(err)
		}
		if got := res.Rows[0].Keys[0].Value; got != want {
			r.t.Errorf("row %q is of %q, want %q", e.ID, got, want)
		}
	}
}

var errPower = errors.New("the power went")

// What was told to the event store and not settled is told again.
func TestCrashBetweenTheStoresIsMadeGood(t *testing.T) {
	r := newRig(t)
	fails := true
	r.people.config.Decided = func(context.Context, []string) error {
		if fails {
			return errPower
		}
		return nil
	}
	r.put(row("0 u1 a1 e1"), row("1 a2"), row("2 a2 e1"))
	if _, err := r.people.Resolve(t.Context()); !errors.Is(err, errPower) {
		t.Fatalf("got %v, want the failure", err)
	}
	r.want("told before the crash", "u1: a1 a2 u1")
	r.reopen()
	d, _, err := r.people.Merge(t.Context(), "", "a2", "a9")
	if !errors.Is(err, ErrNotFound) {
		t.Fatalf("merged with nobody: %+v, %v", d, err)
	}
	r.resolve()
	r.want("after it", "u1: a1 a2 u1")
	if n, err := r.profiles.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("%d marks wait, %v", n, err)
	}
	r.put(row("3 u2 e1"))
	r.resolve()
	r.want("the address is shared", "a2: a2; u1: a1 u1; u2: u2")
}

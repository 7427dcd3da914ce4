package compute

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

func TestTemplatesAreValid(t *testing.T) {
	r := newRig(t)
	for _, d := range Templates(Trait, SQL, Audience) {
		r.define(d)
	}
	r.settle()
	for _, d := range Templates(Trait, SQL, Audience) {
		if s := r.status(d.Key); s.State != Live {
			t.Errorf("%s is %s: %s", d.Key, s.State, s.Reason)
		}
	}
}

func TestChangesAreToldAsSegmentTells(t *testing.T) {
	r := newRig(t)
	seen := template("stocks_asked_about")
	r.define(seen)
	count := Definition{Key: "shown", Name: "Shown", Kind: Trait, Emit: Track, Enabled: true,
		Trait: &trait.Definition{Of: query.Events, Where: []string{"kind:eq:artifact"}, Aggregate: trait.Count}}
	r.define(count)
	two := 2
	r.define(Definition{Key: "twice", Name: "Twice", Kind: Audience, Emit: Track, Enabled: true,
		Rule: &audience.Rule{Did: &audience.Deed{Of: query.Events, Where: []string{"kind:eq:artifact"}, AtLeast: &two}}})
	r.define(Definition{Key: "many", Name: "Many", Kind: Audience, Emit: Identify, Enabled: true,
		Rule: &audience.Rule{Trait: &audience.TraitTest{Key: "shown", Op: audience.AtLeast, Values: []string{"2"}}}})
	r.put(shown("1", "ann", "", "chart", 3, "7"))
	r.put(shown("2", "", "x", "chart", 3, ""))
	r.settle()
	r.put(shown("3", "ann", "", "chart", 2, "5"))
	r.settle()
	r.settle()
	var got []string
	for _, m := range r.emitted() {
		text, err := json.Marshal(map[string]any{"t": m.Traits, "p": m.Properties})
		r.must(err)
		got = append(got, fmt.Sprintf("%s %s%s %s %s %s", m.Type, m.UserID, m.AnonymousID, m.Event, m.Context.Personas.Class, text))
		if p := m.Context.Personas; p.ID == "" || p.Key == "" || p.Space != "spa_default" || m.Timestamp != "2026-05-20T12:00:00.000Z" {
			t.Errorf("call %+v", m)
		}
	}
	want := []string{
		`track ann Trait Computed trait {"p":{"shown":1,"trait_key":"shown"},"t":null}`,
		`track x Trait Computed trait {"p":{"shown":1,"trait_key":"shown"},"t":null}`,
		`identify ann  trait {"p":null,"t":{"stocks_asked_about":["S7"]}}`,
		`identify ann  audience {"p":null,"t":{"many":true}}`,
		`track ann Trait Computed trait {"p":{"shown":2,"trait_key":"shown"},"t":null}`,
		`identify ann  trait {"p":null,"t":{"stocks_asked_about":["S5","S7"]}}`,
		`track ann Audience Entered audience {"p":{"audience_key":"twice","twice":true},"t":null}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, m := range r.emitted() {
		if m.UserID == "x" || m.AnonymousID == "ann" {
			t.Errorf("an anonymous id is told as a user, or a user as one: %+v", m)
		}
	}
}

// A definition that is new, changed, disabled, enabled or removed is followed; a restart in the middle loses nothing.
func TestDefinitionsAreComputedForEverybody(t *testing.T) {
	r := newRig(t)
	for i := range 40 {
		r.put(shown(fmt.Sprint(i), fmt.Sprintf("u%02d", i%20), "", "chart", i, "2"))
	}
	r.settle()
	d := Definition{Key: "shown", Name: "Shown", Kind: Trait, Emit: Identify, Enabled: true,
		Trait: &trait.Definition{Of: query.Events, Where: []string{"kind:eq:artifact"}, Aggregate: trait.Count}}
	r.define(d)
	if s := r.status("shown"); s.State != Preparing {
		t.Errorf("just defined it is %s", s.State)
	}
	_, err := r.compute.Work(t.Context())
	r.must(err)
	r.restart()
	if s := r.status("shown"); s.State != Computing || s.Pass == nil || s.People != int64(r.page) || s.Pass.Looked == 0 || s.Pass.Looked >= s.Pass.Total {
		t.Errorf("after a page it is %+v, pass %+v", s, s.Pass)
	}
	r.settle()
	if s := r.status("shown"); s.State != Live || s.People != 20 || s.Pass != nil || s.Computed.IsZero() {
		t.Errorf("after all it is %+v", s)
	}
	d.Trait.Aggregate, d.Trait.Field = trait.Sum, "number.properties.price"
	_, err = r.compute.Put(t.Context(), d)
	r.must(err)
	r.settle()
	if got := r.current()["shown"]["u03"]; got != "4" {
		t.Errorf("changed to a sum: %s", got)
	}
	d.Enabled = false
	_, err = r.compute.Put(t.Context(), d)
	r.must(err)
	r.put(shown("late", "u03", "", "chart", 0, "5"))
	r.settle()
	if s := r.status("shown"); s.State != Disabled || r.current()["shown"]["u03"] != "4" {
		t.Errorf("disabled it is %s and says %s", s.State, r.current()["shown"]["u03"])
	}
	d.Enabled = true
	_, err = r.compute.Put(t.Context(), d)
	r.must(err)
	r.settle()
	if got := r.current()["shown"]["u03"]; got != "9" {
		t.Errorf("enabled again: %s", got)
	}
	r.equal("fold of calls", r.fold(), r.current())
	r.must(r.compute.Delete(t.Context(), "shown", Trait))
	r.settle()
	if got := r.current(); len(got) != 0 {
		t.Errorf("removed, and there is %v", got)
	}
	r.equal("fold of calls", r.fold(), nil)
	if n := len(r.compute.allStates()); n != 0 {
		t.Errorf("%d states are left", n)
	}
}

// While others are computed for everybody, what waits for its turn goes on being live.
func TestWaitingDefinitionsStayLive(t *testing.T) {
	r := newRig(t)
	for i := range 40 {
		r.put(shown(fmt.Sprint(i), fmt.Sprintf("u%02d", i), "", "chart", i, "2"))
	}
	for _, key := range []string{"one", "other"} {
		r.define(Definition{Key: key, Name: key, Kind: Trait, Emit: Identify, Enabled: true,
			Trait: &trait.Definition{Of: query.Events, Where: []string{"kind:eq:artifact"}, Aggregate: trait.Count}})
	}
	r.settle()
	for _, key := range []string{"one", "other"} {
		_, err := r.compute.Rebuild(t.Context(), key, Trait)
		r.must(err)
	}
	r.put(shown("late", "u39", "", "chart", 0, "2"))
	_, err := r.people.Resolve(t.Context())
	r.must(err)
	_, err = r.compute.Work(t.Context())
	r.must(err)
	for key, values := range r.current() {
		if s := r.status(key); values["u39"] != "2" || s.State == Live {
			t.Errorf("%s: after one step it is %s, and says %s", key, s.State, values["u39"])
		}
	}
	r.settle()
	r.equal("fold of calls", r.fold(), r.current())
}

// What looks back from now changes when time passes, without any call.
func TestTimeTakesValues(t *testing.T) {
	r := newRig(t)
	week := trait.Definition{Of: query.Events, Where: []string{"kind:eq:artifact"}, Aggregate: trait.Count, Window: trait.Duration(48 * time.Hour)}
	r.define(Definition{Key: "lately", Name: "Lately", Kind: Trait, Emit: Identify, Enabled: true, Trait: &week})
	zero := 0
	r.define(Definition{Key: "away", Name: "Away", Kind: Audience, Emit: Identify, Enabled: true,
		Rule: &audience.Rule{Did: &audience.Deed{Of: query.Events, Where: week.Where, Window: week.Window, AtMost: &zero}}})
	r.put(shown("1", "ann", "", "chart", 40, ""), shown("2", "ann", "", "chart", 1, ""), shown("3", "bob", "", "chart", 90, ""))
	r.settle()
	r.equal("at first", r.current(), map[string]map[string]string{"lately": {"ann": "2"}, "away": {"bob": "true"}})
	if s := r.status("lately"); !s.Next.Equal(start.Add(48 * time.Hour / 100)) {
		t.Errorf("it is computed again at %s", s.Next)
	}
	r.now = start.Add(10 * time.Hour)
	r.settle()
	r.equal("ten hours later", r.current(), map[string]map[string]string{"lately": {"ann": "1"}, "away": {"bob": "true"}})
	r.now = start.Add(48 * time.Hour)
	r.settle()
	r.equal("two days later", r.current(), map[string]map[string]string{"away": {"ann": "true", "bob": "true"}})
	r.equal("fold of calls", r.fold(), r.current())
}

// However the append of emitted calls ends, each is in the log once.
func TestCallsAreEmittedOnce(t *testing.T) {
	r := newRig(t)
	r.define(template("stocks_asked_about"))
	fail := func(user, price string) {
		t.Helper()
		r.put(shown(user+price, user, "", "chart", 3, price))
		_, err := r.people.Resolve(t.Context())
		r.must(err)
		if _, err := r.compute.Work(t.Context()); !errors.Is(err, errUnsure) {
			t.Fatalf("the log fails: %v", err)
		}
	}
	r.put(shown("0", "ann", "", "chart", 4, "1"))
	r.settle()
	r.log.fails = true
	fail("ann", "2")
	r.log.fails = false
	r.restart()
	r.settle()
	r.log.lies = true
	fail("bob", "3")
	r.log.lies = false
	r.restart()
	r.settle()
	if n := len(r.emitted()); n != 3 {
		t.Errorf("%d calls", n)
	}
	r.equal("fold of calls", r.fold(), r.current())
}

func TestTraitsBySQL(t *testing.T) {
	r := newRig(t)
	var rows [][]any
	columns := []eventstore.SQLColumn{{Name: "user_id"}, {Name: "plan"}, {Name: "spent"}}
	r.sql = func(string) (*eventstore.SQLTable, error) {
		return &eventstore.SQLTable{Columns: columns, Rows: rows}, nil
	}
	r.put(shown("1", "ann", "", "chart", 3, "7"), shown("2", "bob", "", "chart", 3, "7"))
	r.define(Definition{Key: "billing", Name: "Billing", Kind: SQL, Emit: Identify, Enabled: true, SQL: &SQLTraits{Statement: "SELECT", Every: Hourly}})
	r.define(Definition{Key: "rich", Name: "Rich", Kind: Audience, Emit: Identify, Enabled: true,
		Rule: &audience.Rule{Trait: &audience.TraitTest{Key: "spent", Op: audience.Greater, Values: []string{"5"}}}})
	later := func(want map[string]map[string]string, answer ...[]any) {
		t.Helper()
		rows, r.now = answer, r.now.Add(time.Hour)
		r.settle()
		if s := r.status("billing"); s.State != Live {
			t.Errorf("%v: it is %s: %s", answer, s.State, s.Reason)
		}
		r.equal(fmt.Sprint(answer), r.current(), want)
		r.equal("fold of calls", r.fold(), want)
	}
	later(map[string]map[string]string{"plan": {"ann": `"pro"`}, "spent": {"ann": "0.3", "bob": "9"}, "rich": {"bob": "true"}},
		[]any{"ann", "pro", 0.1 + 0.2}, []any{"bob", nil, 9.0}, []any{"nobody", "pro", 1.0})
	before := len(r.emitted())
	later(map[string]map[string]string{"plan": {"ann": `"pro"`}, "spent": {"ann": "0.3", "bob": "9"}, "rich": {"bob": "true"}},
		[]any{"bob", nil, 9.0}, []any{"ann", "pro", 0.3})
	if n := len(r.emitted()); n != before {
		t.Errorf("nothing changed, and %d calls were emitted", n-before)
	}
	later(map[string]map[string]string{"plan": {"ann": `"free"`}, "spent": {"ann": "8"}, "rich": {"ann": "true"}}, []any{"ann", "free", 8})
	fails := func(because string, answer ...[]any) {
		t.Helper()
		was := r.current()
		rows, r.now = answer, r.now.Add(time.Hour)
		r.settle()
		if s := r.status("billing"); s.State != Failed || !strings.Contains(s.Reason, because) {
			t.Errorf("%v: it is %s: %s", answer, s.State, s.Reason)
		}
		r.equal("what failed", r.current(), was)
	}
	fails("two rows", []any{"ann", "a", 1}, []any{"ann", "b", 1})
	fails("null", []any{nil, "a", 1})
	fails("list", []any{"ann", []any{"a"}, 1})
	columns = columns[:2]
	fails("save it again", []any{"ann", "a"})
	refused := func(because string, names ...string) {
		t.Helper()
		columns = nil
		for _, n := range names {
			columns = append(columns, eventstore.SQLColumn{Name: n})
		}
		_, err := r.compute.Create(t.Context(), Definition{Key: "other", Name: "Other", Kind: SQL, Emit: Identify, SQL: &SQLTraits{Statement: "SELECT", Every: Daily}})
		if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), because) {
			t.Errorf("columns %v: %v", names, err)
		}
	}
	refused("no column user_id", "id", "x")
	refused("two columns of ids", "user_id", "anonymous_id", "x")
	refused("0 columns", "user_id")
	refused("lower-case", "user_id", "count(*)")
	refused("is that of", "user_id", "rich")
}

func TestPreviewStoresNothing(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.put(shown(fmt.Sprint(i), fmt.Sprintf("u%02d", i), "", "chart", i, "2"))
	}
	r.settle()
	d := template("stocks_asked_about")
	d.Trait.Where = append(d.Trait.Where, "user_id:in:u29,u28,u03")
	f := func(people, looked, size int, complete bool) {
		t.Helper()
		p, err := r.compute.Preview(t.Context(), d, people)
		if err != nil || p.Looked != looked || p.Size != size || p.Complete != complete || len(p.Sample) != size {
			t.Errorf("preview of %d: %+v, %v", people, p, err)
		}
	}
	d.Trait.Where = []string{"kind:eq:artifact", "user_id:eq:u29"}
	f(100, 30, 1, true)
	f(10, 10, 1, false)
	d.Trait.Where[1] = "user_id:eq:u00"
	f(10, 10, 0, false)
	if len(r.current()) != 0 || len(r.emitted()) != 0 {
		t.Errorf("a preview is stored: %v", r.current())
	}
}

func TestDefinitionsAreRefused(t *testing.T) {
	r := newRig(t)
	good := template("conversations")
	r.define(good)
	r.define(template("active_this_week"))
	f := func(want error, because string, change func(*Definition)) {
		t.Helper()
		d := template("messages_to_conversion")
		change(&d)
		if _, err := r.compute.Create(t.Context(), d); !errors.Is(err, want) || !strings.Contains(err.Error(), because) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	f(ErrConflict, `"conversations"`, func(d *Definition) { d.Key = "conversations" })
	f(ErrInvalid, "lower-case", func(d *Definition) { d.Key = "No key" })
	f(ErrInvalid, "reserved", func(d *Definition) { d.Key = "templates" })
	f(ErrInvalid, "emit", func(d *Definition) { d.Emit = "loudly" })
	f(ErrInvalid, `no destination "dst_gone"`, func(d *Definition) { d.Destinations = []string{"dst_gone"} })
	f(ErrInvalid, "needs a field", func(d *Definition) { d.Trait.Field = "" })
	f(ErrInvalid, `no conversion "sold"`, func(d *Definition) { d.Trait.Conversion = "sold" })
	f(ErrInvalid, "name", func(d *Definition) { d.Name = "" })
	of := func(key string) func(*Definition) {
		return func(d *Definition) {
			d.Kind, d.Trait, d.Rule = Audience, nil, &audience.Rule{Trait: &audience.TraitTest{Key: key, Op: audience.Exists}}
		}
	}
	f(ErrInvalid, "repeat its conditions", of("active_this_week"))
	f(ErrInvalid, "own key", of("messages_to_conversion"))
	if err := r.compute.Delete(t.Context(), "conversations", Audience); !errors.Is(err, ErrNotFound) {
		t.Errorf("a trait is removed as an audience: %v", err)
	}
}

// A definition that cannot be computed any more keeps what it had, says why, and is computed again once it can be; the
// others go on.
func TestFailedDefinitionHarmsNoOther(t *testing.T) {
	r := newRig(t)
	d := template("messages_to_conversion")
	d.Trait.Conversion = "bought"
	r.define(d)
	r.define(template("stocks_asked_about"))
	conversion := r.compute.config.Conversion
	bought := func(id, user string) {
		e := shown(id, user, "", "", 0, "")
		e.Kind, e.Action, e.SourceEvent = event.KindConversion, "converted", "Stock Purchased"
		r.put(e)
	}
	bought("1", "ann")
	r.settle()
	r.compute.config.Conversion = nil
	bought("2", "bob")
	r.put(shown("3", "bob", "", "chart", 3, "7"))
	r.settle()
	if s := r.status(d.Key); s.State != Failed || !strings.Contains(s.Reason, "bought") {
		t.Errorf("it is %+v", s)
	}
	r.equal("while it fails", r.current(), map[string]map[string]string{d.Key: {"ann": "0"}, "stocks_asked_about": {"bob": `["S7"]`}})
	r.compute.config.Conversion = conversion
	r.now = r.now.Add(retryFailed)
	r.settle()
	if s := r.status(d.Key); s.State != Live {
		t.Errorf("it is %+v", s)
	}
	r.equal("after", r.current(), map[string]map[string]string{d.Key: {"ann": "0", "bob": "0"}, "stocks_asked_about": {"bob": `["S7"]`}})
}

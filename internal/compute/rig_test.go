package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/people"
	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

var start = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// rig is what computes, over real stores of definitions and profiles, a reference event store, and a log in memory.
type rig struct {
	t        *testing.T
	dir      string
	now      time.Time
	store    eventstore.Store
	meta     *metastore.Store
	profiles *profilestore.Store
	people   *people.People
	compute  *Compute
	log      *unsure
	position uint64
	sql      func(statement string) (*eventstore.SQLTable, error)
	page     int
}

func newRig(t *testing.T) *rig { return newRigOn(t, memstore.New()) }

func newRigOn(t *testing.T, store eventstore.Store) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), now: start, store: store, log: &unsure{Log: memlog.New(0)}, page: 7}
	var err error
	r.meta, err = metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(r.dir, "debrief.sqlite"), Now: func() time.Time { return r.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.meta.Close() })
	r.open()
	return r
}

// open opens what a restart opens.
func (r *rig) open() {
	r.t.Helper()
	var err error
	if r.profiles, err = profilestore.Open(r.t.Context(), filepath.Join(r.dir, "profiles.sqlite")); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = r.profiles.Close() })
	r.compute, err = Open(r.t.Context(), Config{
		Workspace: metastore.DefaultWorkspace, Meta: r.meta, Store: r.store, Profiles: r.profiles, Log: r.log, Page: r.page, Rest: -1,
		Conversion: func(_ context.Context, name string) (*query.Conversion, error) {
			if name != "" && name != "bought" {
				return nil, ErrNotFound
			}
			return &query.Conversion{Name: name, Match: query.Is("source_event", query.Eq, "Stock Purchased")}, nil
		},
		SQL: func(_ context.Context, statement string, _ int) (*eventstore.SQLTable, error) {
			return r.sql(statement)
		},
		Now: func() time.Time { return r.now },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.people, err = people.Open(r.t.Context(), people.Config{Store: r.store, Profiles: r.profiles, Touched: func([]string) {}, Now: func() time.Time { return r.now }})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) restart() {
	r.t.Helper()
	if err := r.profiles.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

// must fails the test for an error.
func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// put lets rows come as the pipeline does.
func (r *rig) put(rows ...*event.Event) {
	r.t.Helper()
	r.position++
	r.must(r.people.Note(r.t.Context(), rows, r.position))
	_, err := r.store.Write(r.t.Context(), &eventstore.Batch{Puts: rows, Cursor: r.position})
	r.must(err)
}

// settle lets all that is waiting be computed.
func (r *rig) settle() {
	r.t.Helper()
	_, err := r.people.Resolve(r.t.Context())
	r.must(err)
	for range 10_000 {
		more, err := r.compute.Work(r.t.Context())
		r.must(err)
		if !more {
			return
		}
	}
	r.t.Fatal("computing never ends")
}

// current is what is stored, by key and person.
func (r *rig) current() map[string]map[string]string {
	r.t.Helper()
	sizes, err := r.profiles.Sizes(r.t.Context())
	r.must(err)
	out := map[string]map[string]string{}
	for key, n := range sizes {
		out[key] = map[string]string{}
		all, err := r.profiles.WithKey(r.t.Context(), key, "", 1_000_000)
		r.must(err)
		if int64(len(all)) != n {
			r.t.Errorf("%s: %d have it, counted are %d", key, len(all), n)
		}
		for _, v := range all {
			out[key][v.Person] = string(v.Value)
		}
	}
	return out
}

// emitted are the calls that were emitted, in their order.
func (r *rig) emitted() []message {
	r.t.Helper()
	var out []message
	reader := r.log.Reader(0)
	for {
		rec, ok, err := reader.TryNext()
		r.must(err)
		if !ok {
			return out
		}
		req, err := event.DecodeRequest(rec.Data)
		r.must(err)
		for _, c := range req.Calls {
			var m message
			r.must(json.Unmarshal(c.JSON, &m))
			if m.MessageID != c.ID || m.Type != c.Type || req.Source != Source || req.Protocol != "segment" {
				r.t.Errorf("call %s of %s %s is %s", c.ID, req.Source, c.Type, c.JSON)
			}
			out = append(out, m)
		}
	}
}

// fold is what somebody knows who was told of every change, by key and person. A call that tells nothing new, or comes
// twice, is a failure.
func (r *rig) fold() map[string]map[string]string {
	r.t.Helper()
	out, seen := map[string]map[string]string{}, map[string]bool{}
	for _, m := range r.emitted() {
		if seen[m.MessageID] {
			r.t.Errorf("call %s came twice", m.MessageID)
		}
		seen[m.MessageID] = true
		values := m.Traits
		if m.Type == "track" {
			values = m.Properties
			delete(values, "trait_key")
			delete(values, "audience_key")
		}
		for key, value := range values {
			if out[key] == nil {
				out[key] = map[string]string{}
			}
			person, told := m.UserID+m.AnonymousID, string(value)
			old, had := out[key][person]
			if none := told == "null" || told == "false"; none && !had || told == old {
				r.t.Errorf("call %s tells that %s of %s is %s, which was known", m.MessageID, key, person, told)
			} else if none {
				delete(out[key], person)
			} else {
				out[key][person] = told
			}
		}
	}
	for key := range out {
		if len(out[key]) == 0 {
			delete(out, key)
		}
	}
	return out
}

// equal compares what two sides say of values by key and person.
func (r *rig) equal(what string, got, want map[string]map[string]string) {
	r.t.Helper()
	for key := range union(got, want) {
		for person := range union(got[key], want[key]) {
			if got[key][person] != want[key][person] {
				r.t.Errorf("%s: %s of %s: got %q, want %q", what, key, person, got[key][person], want[key][person])
			}
		}
	}
}

func union[V any](a, b map[string]V) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

// unsure is a log whose appends can be kept although they fail, or fail.
type unsure struct {
	*memlog.Log
	fails, lies bool
}

var errUnsure = errors.New("the log fails")

func (l *unsure) Append(ctx context.Context, record []byte) (eventlog.Position, error) {
	if l.fails {
		return 0, errUnsure
	}
	at, err := l.Log.Append(ctx, record)
	if l.lies {
		return 0, errUnsure
	}
	return at, err
}

// shown is a component that somebody was shown so many hours ago, with a price.
func shown(id, user, anonymous, component string, hours int, price string) *event.Event {
	at := start.Add(-time.Duration(hours) * time.Hour)
	e := &event.Event{ID: id, Source: "web", Vocabulary: "segment", SourceEvent: "Component Loaded", Kind: event.KindArtifact, Action: "component_shown",
		UserID: user, AnonymousID: anonymous, ConversationID: "c-" + user + anonymous, ArtifactType: component, OccurredAt: at, OriginalAt: at, ReceivedAt: at}
	if price != "" {
		e.Properties = json.RawMessage(fmt.Sprintf(`{"price":%s,"symbol":%q}`, price, "S"+price))
	}
	return e
}

// status returns how far the definition of a key is.
func (r *rig) status(key string) Status {
	r.t.Helper()
	d, err := r.compute.Get(r.t.Context(), key, Trait, SQL, Audience)
	r.must(err)
	all, err := r.compute.Statuses(r.t.Context(), []*Definition{d})
	r.must(err)
	return all[0]
}

func (r *rig) define(d Definition) {
	r.t.Helper()
	_, err := r.compute.Create(r.t.Context(), d)
	r.must(err)
}

// template returns a template by its key.
func template(key string) Definition {
	all := Templates(Trait, Audience)
	return all[slices.IndexFunc(all, func(d Definition) bool { return d.Key == key })]
}

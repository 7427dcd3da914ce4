package duckstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir, MemoryLimit: 512 << 20, CompactEvery: -1,
		Now: func() time.Time { return time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, s *Store, b *eventstore.Batch) eventstore.Written {
	t.Helper()
	w, err := s.Write(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOpenRefusesNewerFormat(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	if _, err := s.own.Exec("UPDATE store SET format = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "has format 99") {
		t.Errorf("open of format 99: %v", err)
	}
}

// Every field of the model has one home, and every home that names a field names one of the model.
func TestShapeHasEveryField(t *testing.T) {
	s := newShape()
	for _, names := range [][]string{rowFields, formFields, placeFields} {
		for _, name := range names {
			if s.byName[name] == nil {
				t.Errorf("the model has no field %s", name)
			}
		}
	}
	var columns []string
	for _, c := range eventColumns {
		name, _, _ := strings.Cut(c, " ")
		columns = append(columns, name)
	}
	if !slices.Equal(columns, rowColumns) {
		t.Errorf("rows are read as %v, the table has %v", rowColumns, columns)
	}
	for _, name := range rowFields {
		if !slices.Contains(columns, name) {
			t.Errorf("the table has no column for %s", name)
		}
	}
}

// Only a condition that every row of the answer has to pass may say where to look.
func TestLookupOfFilters(t *testing.T) {
	id, other := query.Is("trace_id", query.Eq, "t1", "t2"), query.Is("kind", query.Eq, "message")
	f := func(filter *query.Filter, want string) {
		t.Helper()
		c := &compiler{v: &view{s: &Store{shape: newShape()}, manifest: &manifest{}}}
		l, err := c.lookup(filter)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if l != nil {
			got = strings.Join(l.columns, " ")
		}
		if got != want {
			t.Errorf("looked up by %q, want %q", got, want)
		}
	}
	f(nil, "")
	f(id, "trace_id")
	f(other, "")
	f(query.AllOf(other, query.AllOf(other, id)), "trace_id")
	f(query.Is("person", query.Eq, "u1", "u2"), "user_id anonymous_id")
	f(&query.Filter{Or: []*query.Filter{id, other}}, "")
	f(&query.Filter{Not: id}, "")
	f(query.Is("trace_id", query.Exists), "")
	f(query.Is("body", query.Eq, "x"), "") // may be empty and there, and is no id
	f(query.Is("properties.plan", query.Eq, "x"), "")
	f(&query.Filter{In: query.Is("conversation_id", query.Eq, "c1")}, "")
}

// randomEvent sets fields at random, by reflection, so that a field that the model gains is in it.
func randomEvent(rnd *rand.Rand, conversation string) *event.Event {
	e := &event.Event{}
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if rnd.IntN(2) == 0 {
			continue
		}
		setRandom(rnd, v.Field(i))
	}
	kinds := []event.Kind{event.KindConversation, event.KindMessage, event.KindTool, event.KindArtifact, event.KindFeedback, event.KindIdentity, event.KindGeneration, event.KindGeneration}
	actions := []string{"started", "ended", "deleted", "sent", "called", "component_shown", "media_generated", "rated", "completed", "failed", "cancelled", "first_token"}
	roles := []string{event.RoleUser, event.RoleAgent, event.RoleHumanAgent, event.RoleSystem}
	e.Kind, e.Action, e.Role = kinds[rnd.IntN(len(kinds))], actions[rnd.IntN(len(actions))], roles[rnd.IntN(len(roles))]
	e.ID, e.ConversationID = fmt.Sprint("e", rnd.Uint64()), conversation
	e.OccurredAt = time.UnixMicro(1.7e15 + rnd.Int64N(50)*1e6).UTC()
	e.ReceivedAt = e.OccurredAt
	return e
}

func setRandom(rnd *rand.Rand, f reflect.Value) {
	switch f.Interface().(type) {
	case time.Time:
		f.Set(reflect.ValueOf(time.UnixMicro(1.7e15 + rnd.Int64N(5)).UTC()))
		return
	case json.RawMessage:
		f.SetBytes([]byte(`{"a":[1,"x"]}`))
		return
	case []event.Repair:
		f.Set(reflect.ValueOf([]event.Repair{{Code: "c", From: "f"}}))
		return
	}
	switch f.Kind() {
	case reflect.Pointer:
		f.Set(reflect.New(f.Type().Elem()))
		setRandom(rnd, f.Elem())
	case reflect.String:
		f.SetString([]string{"a", "b", "ü\x00\"", strings.Repeat("long ", 50)}[rnd.IntN(4)])
	case reflect.Int64:
		f.SetInt(rnd.Int64N(5))
	case reflect.Float64:
		f.SetFloat(float64(rnd.IntN(10)) / 10)
	case reflect.Bool:
		f.SetBool(rnd.IntN(2) == 0)
	case reflect.Slice:
		f.Set(reflect.Append(f, reflect.ValueOf("v")))
	}
}

// A skeleton rolls up to what event.Roll says, in whatever order its events come, though it keeps of
// them only bones: a field that Roll looks at and bones lack would show.
func TestSkeletonRollsUp(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		var events []*event.Event
		for range 1 + rnd.IntN(30) {
			if e := randomEvent(rnd, "chat"); e.Tracked() {
				events = append(events, e)
			}
		}
		if len(events) == 0 {
			continue
		}
		k, m := &skeleton{id: "chat"}, &boneMaker{}
		var got event.Conversation
		for i, e := range events {
			if !k.add(m.of(e, e, e, &k.last), m) {
				t.Fatalf("seed %d: the skeleton lost its bones", seed)
			}
			if rnd.IntN(3) == 0 {
				got = k.conversation(m)
			}
			if rnd.IntN(9) == 0 { // take some of them away until later
				ids := map[string]bool{}
				for range 1 + rnd.IntN(i+1) {
					ids[events[rnd.IntN(i+1)].ID] = true
				}
				if !k.remove(ids) || k.remove(map[string]bool{"never there": true}) {
					t.Fatalf("seed %d: the skeleton lost its bones, or found others", seed)
				}
				for _, e := range events[:i+1] {
					if ids[e.ID] && !k.add(m.of(e, e, e, &k.last), m) {
						t.Fatalf("seed %d: the skeleton lost its bones", seed)
					}
				}
			}
		}
		got = k.conversation(m)
		slices.SortFunc(events, func(a, b *event.Event) int {
			if a.Before(b) {
				return -1
			}
			return 1
		})
		if diff := cmp.Diff(event.Roll(events), got); diff != "" {
			t.Fatalf("seed %d, %d events (-want +got):\n%s", seed, len(events), diff)
		}
	}
}

// A conversation longer than what is kept in memory is rolled up all the same, also when events are late.
func TestLongConversation(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	at := func(i int) time.Time { return time.UnixMicro(1.7e15 + int64(i)*1e6).UTC() }
	message := func(i int) *event.Event {
		return &event.Event{ID: fmt.Sprint("m", i), Kind: event.KindMessage, Action: "sent", Role: event.RoleUser, ConversationID: "chat",
			UserID: fmt.Sprint("u", i), OccurredAt: at(i), ReceivedAt: at(i), Body: new(fmt.Sprint("text ", i))}
	}
	var all []*event.Event
	for i := 1; i < 2*maxBones; i++ {
		all = append(all, message(i))
	}
	write(t, s, &eventstore.Batch{Puts: all})
	write(t, s, &eventstore.Batch{Puts: []*event.Event{message(3 * maxBones)}})
	write(t, s, &eventstore.Batch{Puts: []*event.Event{message(0)}})
	page, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
	if err != nil {
		t.Fatal(err)
	}
	want := event.Roll(append(append([]*event.Event{message(0)}, all...), message(3*maxBones)))
	if diff := cmp.Diff(want, page.Conversations[0].Conversation); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Rows come back as they were put when what rows refer to has been forgotten, and numbered again.
func TestFormsAreForgottenHarmlessly(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	rnd := rand.New(rand.NewPCG(5, 5))
	want := map[string]*event.Event{}
	for range 50 {
		e := randomEvent(rnd, "chat")
		e.Revision = 0
		want[e.ID] = e
		write(t, s, &eventstore.Batch{Puts: []*event.Event{e}})
		clear(s.writer.forms.numbers)
		clear(s.writer.places.templates)
	}
	for id, w := range want {
		clear(s.writer.forms.templates)
		got, err := s.Event(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Fatalf("event %s (-want +got):\n%s", id, diff)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Folding moves rows into a sealed file, drops what does not count, leaves no old generation behind,
// and keeps each row's call.
func TestFoldedRowsAreSealed(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	defer s.Close()
	at := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	put := func(id string, revision int64) *event.Event {
		return &event.Event{ID: id, Revision: revision, Kind: event.KindProduct, Action: "tracked", OccurredAt: at, ReceivedAt: at,
			Raw: json.RawMessage(fmt.Sprintf(`{"id":%q,"revision":%d}`, id, revision))}
	}
	hot := func() (n int) {
		if err := s.own.QueryRow("SELECT count(*) FROM events").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	files := func() []string {
		names, err := filepath.Glob(filepath.Join(dir, "months", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range names {
			names[i] = filepath.Base(names[i])
		}
		return names
	}
	compact := func() {
		t.Helper()
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("a", 0), put("b", 0), put("c", 0)}})
	compact()
	if n, f := hot(), files(); n != 0 || !slices.Equal(f, []string{"2026-03.g1.duckdb"}) {
		t.Fatalf("after the first fold: %d hot rows, files %v", n, f)
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("a", 1), put("d", 0)}, Retracts: []eventstore.Retract{{ID: "b"}}})
	st, err := s.Stats(t.Context())
	if err != nil || st.Events != 3 {
		t.Errorf("%d events, want 3 (%v)", st.Events, err)
	}
	compact()
	if n, f := hot(), files(); n != 0 || !slices.Equal(f, []string{"2026-03.g2.duckdb"}) {
		t.Errorf("after the second fold: %d hot rows, files %v", n, f)
	}
	var sealedRows int
	if err := s.own.QueryRow("SELECT count(*) FROM m2026_03_g2.events").Scan(&sealedRows); err != nil || sealedRows != 3 {
		t.Errorf("the sealed file has %d rows, want 3 (%v)", sealedRows, err)
	}
	e, err := s.Event(t.Context(), "a")
	if err != nil || e.Revision != 1 || string(e.Raw) != `{"id":"a","revision":1}` {
		t.Errorf("a is %+v (%v)", e, err)
	}
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

// Rows that are replaced while their month is folded, and keep their calls, stay: they are not in the new file.
func TestReplacedWhileFolding(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	at := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	put := func(id string, revision int64, raw string) *event.Event {
		e := &event.Event{ID: id, Revision: revision, Kind: event.KindProduct, Action: "tracked", OccurredAt: at, ReceivedAt: at}
		if raw != "" {
			e.Raw = json.RawMessage(raw)
		}
		return e
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("sealed", 0, `"sealed"`), put("left", 0, `"left"`)}})
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("hot", 0, `"hot"`), put("twice", 0, `"twice"`), put("gone", 0, `"gone"`)}})

	next := &sealed{month: monthOf(at), generation: 2, format: formatVersion, readers: &atomic.Int32{}}
	last, err := s.writeSealed(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("sealed", 1, ""), put("hot", 1, ""), put("twice", 1, ""), put("gone", 1, ""), put("new", 0, `"new"`)}})
	write(t, s, &eventstore.Batch{Puts: []*event.Event{put("twice", 2, "")}, Retracts: []eventstore.Retract{{ID: "gone", Revision: 1}}})
	if err := errors.Join(s.attach(t.Context(), next), s.replace(t.Context(), next, last)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as it is, and folded once more
		var got []string
		for e, err := range s.Events(t.Context(), query.List{Grain: query.Events, Raw: true}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(e.ID, " ", e.Revision, " ", string(e.Raw)))
		}
		if diff := cmp.Diff([]string{`hot 1 "hot"`, `left 0 "left"`, `new 0 "new"`, `sealed 1 "sealed"`, `twice 2 "twice"`}, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

// A reader that started before a fold goes on with the files that it started with.
func TestReaderOutlivesFold(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	tr := newTraffic(9, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Second)
	puts := tr.events(5000)
	write(t, s, &eventstore.Batch{Puts: puts})
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			write(t, s, &eventstore.Batch{Retracts: []eventstore.Retract{{ID: puts[0].ID}, {ID: puts[4000].ID}}})
			if err := s.Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != len(puts) {
		t.Errorf("the reader saw %d of %d rows", n, len(puts))
	}
	if err := s.Err(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(s.sealedDir())
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v (%v)", left, err)
	}
}

// What a crash leaves beside the store is removed, and what the manifest names is not.
func TestOpenSweepsOrphans(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	at := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	write(t, s, &eventstore.Batch{Puts: []*event.Event{{ID: "a", OccurredAt: at, ReceivedAt: at}}})
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"2026-03.g2.duckdb", "2026-03.g2.duckdb.wal", "2026-04.g1.duckdb"} {
		if err := os.WriteFile(filepath.Join(dir, "months", name), []byte("cut short"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s = openIn(t, dir)
	defer s.Close()
	if _, err := s.Event(context.Background(), "a"); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(s.sealedDir())
	if err != nil || len(left) != 1 || left[0].Name() != "2026-03.g1.duckdb" {
		t.Errorf("files left: %v (%v)", left, err)
	}
}

// A store that is closed while its work and its readers are cut short can be opened again at once.
func TestReopenAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	tr := newTraffic(9, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Second)
	write(t, s, &eventstore.Batch{Puts: tr.events(30_000)})
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan error, 1)
		go func() {
			_, err := s.Query(ctx, query.Query{Grain: query.Events, Breakdown: []string{"body"}, Measures: []query.Measure{{As: "n", Op: query.Distinct, Field: "id"}}})
			asked <- err
		}()
		time.AfterFunc(5*time.Millisecond, cancel)
		<-asked // answered or cut short
		cancel()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		opened := make(chan *Store)
		go func() { opened <- openIn(t, dir) }()
		select {
		case s = <-opened:
		case <-time.After(3 * time.Minute): // what hangs, hangs for ever
			t.Fatal("the closed store cannot be opened again")
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Questions that are cut short, whatever they were about to do, leave no connection behind that fails those who ask next.
func TestAskAfterCutShort(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := openIn(t, t.TempDir())
	defer s.Close()
	write(t, s, &eventstore.Batch{Puts: newTraffic(9, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Second).events(1000)})
	ask := func(ctx context.Context) error {
		_, err := s.Query(ctx, query.Query{Grain: query.Events, Measures: []query.Measure{{As: "n", Op: query.Count}}})
		return err
	}
	var askers sync.WaitGroup
	for asker := range uint64(8) {
		askers.Go(func() {
			rng := rand.New(rand.NewPCG(seed, asker))
			for range 200 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(300))*time.Microsecond)
				if err := ask(ctx); err != nil && ctx.Err() == nil {
					t.Errorf("a question that was not cut short: %v", err)
				}
				cancel()
			}
		})
	}
	askers.Wait()
	for range 20 {
		if err := ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

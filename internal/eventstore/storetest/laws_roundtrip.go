package storetest

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// equal compares rows: nil and empty slices are the same, JSON by its bytes.
var equal = cmp.Options{
	cmp.Comparer(func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }),
	cmp.Comparer(func(a, b []string) bool { return slices.Equal(a, b) }),
	cmp.Comparer(func(a, b []event.Repair) bool { return slices.Equal(a, b) }),
}

// comesBack wants that Event and Events return the row as it was put.
func comesBack(t *testing.T, s eventstore.Store, e *event.Event) {
	t.Helper()
	write(t, s, put(e), eventstore.Written{Stored: 1})
	same := func(how string, got *event.Event) {
		t.Helper()
		if diff := cmp.Diff(e, got, equal); diff != "" {
			t.Errorf("%s (-put +got):\n%s", how, diff)
		}
		for _, at := range []time.Time{got.OccurredAt, got.OriginalAt, got.SentAt, got.ReceivedAt} {
			if at.Location() != time.UTC {
				t.Errorf("%s: %v is not in UTC", how, at)
			}
		}
	}
	got, err := s.Event(t.Context(), e.ID)
	if err != nil {
		t.Fatalf("event %s: %v", e.ID, err)
	}
	same("Event", got)
	for got, err := range s.Events(t.Context(), query.List{Grain: query.Events, Raw: true, Filter: query.Is("id", query.Eq, e.ID)}) {
		if err != nil {
			t.Fatalf("list events: %v", err)
		}
		same("Events", got)
	}
}

// full is an event with every field filled by fill.
func full(id string, fill func(name string, field reflect.Value)) *event.Event {
	e := message(id, 1)
	for f, v := range reflect.ValueOf(e).Elem().Fields() {
		switch f.Name {
		case "ID", "OccurredAt", "ReceivedAt":
		default:
			fill(f.Name, v)
		}
	}
	return e
}

// Every field of the model comes back, each with a value of its own.
func lawRoundTrip(t *testing.T, s eventstore.Store) {
	n := 0
	comesBack(t, s, full("a", func(name string, v reflect.Value) {
		n++
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		switch v.Interface().(type) {
		case string, event.Kind:
			v.SetString("text of " + name)
		case int64:
			v.SetInt(int64(1000 + n))
		case float64:
			v.SetFloat(float64(n) + 0.1)
		case bool:
			v.SetBool(true)
		case time.Time:
			v.Set(reflect.ValueOf(monday.Add(time.Duration(n) * time.Hour)))
		case json.RawMessage:
			v.SetBytes([]byte(`{"field": "` + name + `", "n": [1.50, 1e3, null, {}]}`))
		case []string:
			v.Set(reflect.ValueOf([]string{"one of " + name, "", "one of " + name}))
		case []event.Repair:
			v.Set(reflect.ValueOf([]event.Repair{{Code: "b", From: "x", To: "y"}, {Code: "a"}}))
		default:
			t.Fatalf("field %s has a type that the suite does not know", name)
		}
	}))
}

// Absent values stay absent, and values that look like absent ones stay values.
func lawRoundTripEmpty(t *testing.T, s eventstore.Store) {
	comesBack(t, s, &event.Event{ID: "a", OccurredAt: monday, ReceivedAt: monday})
	comesBack(t, s, full("b", func(name string, v reflect.Value) {
		v.SetZero()
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem())) // points to zero: "", 0, false
		}
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{}`))
		}
	}))
	c := message("c", 1)
	c.Properties, c.Parts, c.ToolArgs, c.ToolResult, c.Raw = []byte(`{"":{"":null}}`), []byte(`[]`), []byte(`null`), []byte(`""`), []byte(`0`)
	comesBack(t, s, c)
}

func lawRoundTripTimes(t *testing.T, s eventstore.Store) {
	f := func(id string, put, want time.Time) {
		t.Helper()
		e := message(id, 1)
		e.OccurredAt, e.OriginalAt, e.SentAt, e.ReceivedAt = put, put, put, put
		write(t, s, &eventstore.Batch{Puts: []*event.Event{e}, Import: true}, eventstore.Written{Stored: 1})
		got, err := s.Event(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for name, at := range map[string]time.Time{
			"occurred_at": got.OccurredAt, "original_at": got.OriginalAt, "sent_at": got.SentAt, "received_at": got.ReceivedAt,
		} {
			if !at.Equal(want) || at.Location() != time.UTC {
				t.Errorf("%s: put %v, got %v, want %v", name, put, at, want)
			}
		}
	}
	micro := time.Date(2024, 2, 29, 23, 59, 59, 999_999_000, time.UTC)
	f("micro", micro, micro)
	f("nano", micro.Add(999), micro)
	f("zone", micro.In(time.FixedZone("", -5*3600)), micro)
	f("before 1970", time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC))
	f("epoch", time.Unix(0, 0), time.Unix(0, 0))
	f("year 1", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC))
	f("year 9999", time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC))
}

func lawRoundTripText(t *testing.T, s eventstore.Store) {
	i := 0
	f := func(text string) {
		t.Helper()
		i++
		e := message("text "+string(rune('a'+i)), i)
		quoted, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		e.Body, e.Title, e.UserID, e.ConversationID, e.ToolName = new(text), text, text, text, text
		e.Properties, e.Raw = quoted, quoted
		e.Violations, e.Repairs = []string{text}, []event.Repair{{Code: text, From: text, To: text}}
		comesBack(t, s, e)
		for _, field := range []string{"body", "user_id", "properties.text", "violation"} {
			q := countEvents()
			q.Filter = query.Is(field, query.Eq, text)
			r, err := s.Query(t.Context(), q)
			if err != nil || len(r.Rows) != 1 || r.Rows[0].Values[0].Num != 1 {
				t.Errorf("%s equal to %.40q: got %+v, %v, want one event", field, text, r, err)
			}
		}
	}
	f("NUL \x00 inside")
	f("\x00")
	f("emoji 👩‍👩‍👧‍👦 🇺🇦, combining é, right-to-left ‏שלום‏, \U0010ffff")
	f("control \x01\x1f\x7f\u0085 \u2028 \u2029 \ufeff \ufffd")
	f("lines\r\n\ttabs")
	f(`quotes ' '' " \ \\ \" \u0041 %s %% $1 ? :x @y {} [] -- ; /* */ <b>&amp;</b> ` + "`x`")
	f("'; drop table events; --")
	f(" spaces ")
	f("NULL")
	f("null")
	f(strings.Repeat("long text 😀 ", 100_000))
	f(strings.Repeat("x", 1<<20))

	e := message("id \x00 'quoted' 😀", 99)
	comesBack(t, s, e)
	big := message("numbers", 100)
	big.Count, big.InputTokens, big.RequestSeq, big.Revision = new(int64(math.MaxInt64)), new(int64(math.MinInt64)), math.MaxInt64, math.MaxInt64
	big.CostUSD, big.Amount, big.LatencyMS = new(math.MaxFloat64), new(math.SmallestNonzeroFloat64), new(-0.1)
	comesBack(t, s, big)
	deep := message("deep", 101)
	deep.Properties = json.RawMessage(`{"a":` + strings.Repeat(`[`, 250) + strings.Repeat(`]`, 250) + `}`)
	comesBack(t, s, deep)
}

// The store keeps nothing of what it is given, and gives nothing that it keeps.
func lawKeepsNothing(t *testing.T, s eventstore.Store) {
	e := message("a", 1)
	e.Violations, e.Properties, e.Raw, e.Score = []string{"v"}, []byte(`{"n":1}`), []byte(`{"r":1}`), new(0.5)
	want := *e
	want.Body, want.Violations, want.Properties, want.Raw, want.Score = new(*e.Body), []string{"v"}, []byte(`{"n":1}`), []byte(`{"r":1}`), new(0.5)
	b := put(e)
	write(t, s, b, eventstore.Written{Stored: 1})
	spoil := func(e *event.Event) {
		e.ID, *e.Body, e.Violations[0], e.Properties[2], *e.Score = "x", "spoiled", "spoiled", 'x', 9
		if e.Raw != nil {
			e.Raw[2] = 'x'
		}
	}
	spoil(e)
	b.Puts[0] = nil
	for range 2 {
		got, err := s.Event(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got, equal); diff != "" {
			t.Fatalf("row changed from outside (-want +got):\n%s", diff)
		}
		spoil(got)
		for got, err := range s.Events(t.Context(), query.List{Grain: query.Events}) {
			if err != nil {
				t.Fatal(err)
			}
			spoil(got)
		}
		p, err := s.Conversations(t.Context(), query.List{Grain: query.Conversations})
		if err != nil {
			t.Fatal(err)
		}
		if got := *p.Conversations[0].DurationMS; got != 0 {
			t.Fatalf("duration is %v, want 0", got)
		}
		*p.Conversations[0].DurationMS = 9
	}
}

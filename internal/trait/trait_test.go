package trait_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

var now = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// shown is a component that a user was shown so many days ago, with a price.
func shown(id, user, anonymous, component string, days int, price string) *event.Event {
	e := &event.Event{ID: id, Source: "web", Vocabulary: "segment", SourceEvent: "Component Loaded", Kind: event.KindArtifact, Action: "component_shown",
		UserID: user, AnonymousID: anonymous, ConversationID: "c-" + user, ArtifactType: component,
		OccurredAt: now.AddDate(0, 0, -days), ReceivedAt: now.AddDate(0, 0, -days)}
	if price != "" {
		e.Properties = json.RawMessage(`{"price":` + price + `}`)
	}
	return e
}

func evaluate(t *testing.T, s eventstore.Reader, d trait.Definition, people ...string) trait.Values {
	t.Helper()
	if err := d.Validate(); err != nil {
		t.Fatalf("%+v: %v", d, err)
	}
	got, err := d.Evaluate(context.Background(), s, people, trait.At{Now: now})
	if err != nil {
		t.Fatalf("%+v: %v", d, err)
	}
	return got
}

func TestAggregates(t *testing.T) {
	s := memstore.New()
	write := func(es ...*event.Event) {
		t.Helper()
		if _, err := s.Write(context.Background(), &eventstore.Batch{Puts: es}); err != nil {
			t.Fatal(err)
		}
	}
	write(shown("1", "ann", "", "chart", 9, "1.5"), shown("2", "ann", "", "stocks", 8, "2"), shown("3", "ann", "", "stocks", 8, ""),
		shown("4", "ann", "", "chart", 1, "4"), shown("5", "ann", "", "buy", 0, ""), shown("6", "bob", "x", "buy", 2, "7"),
		shown("7", "", "x", "chart", 1, ""))
	f := func(a trait.Aggregate, field, window, want string) {
		t.Helper()
		d := trait.Definition{Of: query.Events, Where: []string{"action:eq:component_shown"}, Aggregate: a, Field: field}
		if window != "" {
			if err := d.Window.UnmarshalText([]byte(window)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := json.Marshal(evaluate(t, s, d, "ann", "bob", "nobody"))
		if err != nil || string(got) != want {
			t.Errorf("%s of %s within %s: got %s, %v; want %s", a, field, window, got, err, want)
		}
	}
	f(trait.Count, "", "", `{"ann":5,"bob":2}`)
	f(trait.Count, "", "36h", `{"ann":2,"bob":1}`)
	f(trait.Count, "", "1h", `{"ann":1}`)
	f(trait.Sum, "number.properties.price", "", `{"ann":7.5,"bob":7}`)
	f(trait.Avg, "number.properties.price", "", `{"ann":2.5,"bob":7}`)
	f(trait.Min, "number.properties.price", "", `{"ann":1.5,"bob":7}`)
	f(trait.Max, "occurred_at", "", `{"ann":"2026-05-20T12:00:00Z","bob":"2026-05-19T12:00:00Z"}`)
	f(trait.MostFrequent, "artifact_type", "", `{"ann":"chart"}`) // as often as stocks, and first by its bytes
	f(trait.First, "artifact_type", "", `{"ann":"chart","bob":"buy"}`)
	f(trait.First, "artifact_type", "8d", `{"ann":"stocks","bob":"buy"}`)
	f(trait.Last, "artifact_type", "", `{"ann":"buy","bob":"chart"}`)
	f(trait.Last, "properties.price", "", `{"ann":"4","bob":"7"}`)
	f(trait.Last, "number.properties.price", "", `{"ann":4,"bob":7}`)
	f(trait.UniqueList, "number.properties.price", "", `{"ann":[1.5,2,4],"bob":[7]}`)
	f(trait.First, "tracked", "", `{"ann":true,"bob":true}`)
	f(trait.UniqueList, "artifact_type", "", `{"ann":["buy","chart","stocks"],"bob":["buy","chart"]}`)
	f(trait.UniqueCount, "artifact_type", "", `{"ann":3,"bob":2}`)
}

func TestDefinitionsAreRefusedInWords(t *testing.T) {
	f := func(d trait.Definition) {
		t.Helper()
		if err := d.Validate(); err == nil {
			t.Errorf("%+v is accepted", d)
		}
	}
	where := []string{"kind:eq:message"}
	f(trait.Definition{})
	f(trait.Definition{Of: query.People, Where: where, Aggregate: trait.Count})
	f(trait.Definition{Of: query.Events, Aggregate: trait.Count})
	f(trait.Definition{Of: query.Events, Where: []string{"kind"}, Aggregate: trait.Count})
	f(trait.Definition{Of: query.Events, Where: []string{"nothing:eq:x"}, Aggregate: trait.Count})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: "median"})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Count, Field: "role"})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Sum})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Sum, Field: "role"})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Max, Field: "role"})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Count, Window: -1})
	f(trait.Definition{Of: query.Events, Where: where, Aggregate: trait.Count, MinCount: 2})
}

// Whether people are asked for together or one by one, and whether their rows came in one order or another,
// a trait is the same.
func TestEvaluationDoesNotDependOnBatches(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	var rows []*event.Event
	var people []string
	for i := range 40 {
		people = append(people, fmt.Sprint("p", i))
	}
	for i := range 600 {
		rows = append(rows, shown(fmt.Sprint("e", i), people[rnd.IntN(len(people))], "", fmt.Sprint("t", rnd.IntN(6)), rnd.IntN(20), fmt.Sprint(rnd.IntN(50))))
	}
	stores := []*memstore.Store{memstore.New(), memstore.New()}
	for _, s := range stores {
		rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for batch := range slices.Chunk(rows, 90) {
			if _, err := s.Write(context.Background(), &eventstore.Batch{Puts: batch}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range trait.Aggregates() {
		d := trait.Definition{Of: query.Events, Where: []string{"kind:eq:artifact"}, Aggregate: a, Window: trait.Duration(10 * 24 * time.Hour)}
		switch a {
		case trait.Count:
		case trait.Sum, trait.Avg, trait.Min, trait.Max:
			d.Field = "number.properties.price"
		default:
			d.Field = "artifact_type"
		}
		together, single := evaluate(t, stores[0], d, people...), trait.Values{}
		for _, p := range people {
			if v, ok := evaluate(t, stores[1], d, p)[p]; ok {
				single[p] = v
			}
		}
		if !reflect.DeepEqual(together, single) {
			t.Errorf("seed %d: %s: together %s, single %s", seed, a, together, single)
		}
	}
}

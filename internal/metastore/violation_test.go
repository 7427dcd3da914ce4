package metastore

import (
	"fmt"
	"testing"
	"time"
)

func TestViolationsAddUpByDay(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	key := ViolationKey{Source: "web", Plan: "web", Version: 2, Kind: "constraint", Event: "Rated", Field: "properties.rating", Description: "too high"}
	pos := uint64(0)
	add := func(day int, n int64, examples ...string) {
		t.Helper()
		pos++
		at := clock.t.AddDate(0, 0, day)
		err := s.AddTally(ctx, Tally{Workspace: DefaultWorkspace, Position: pos, Violations: []ViolationCount{
			{ViolationKey: key, Day: at, N: n, First: at, Last: at.Add(time.Minute), Examples: examples},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(1, 3, "a", "b", "c", "d")
	add(0, 2, "e", "f")
	add(1, 1, "g")
	ask := func(q ViolationQuestion) []ViolationGroup {
		t.Helper()
		q.Limit = 10
		all, total, err := s.Violations(ctx, DefaultWorkspace, q)
		if err != nil || total != len(all) {
			t.Fatalf("%d of %d, %v", len(all), total, err)
		}
		return all
	}
	all := ask(ViolationQuestion{})
	if len(all) != 1 || all[0].N != 6 || all[0].ViolationKey != key || fmt.Sprint(all[0].Examples) != "[a b c d e]" {
		t.Fatalf("all: %+v", all)
	}
	if d := all[0].Days; len(d) != 2 || d[0].N != 2 || d[1].N != 4 || !d[0].Day.Before(d[1].Day) {
		t.Errorf("days %+v", d)
	}
	if !all[0].First.Equal(clock.t) || !all[0].Last.Equal(clock.t.AddDate(0, 0, 1).Add(time.Minute)) {
		t.Errorf("seen from %v to %v", all[0].First, all[0].Last)
	}
	if one := ask(ViolationQuestion{Source: "web", Kind: "constraint", Until: clock.t.Truncate(24*time.Hour).AddDate(0, 0, 1)}); len(one) != 1 || one[0].N != 2 {
		t.Errorf("the first day: %+v", one)
	}
	if none := ask(ViolationQuestion{Event: "Other"}); len(none) != 0 {
		t.Errorf("another event: %+v", none)
	}
}

func TestDuplicatesAreCountedAndBounded(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	add := func(pos uint64, ids ...string) {
		t.Helper()
		var all []DuplicateCount
		for _, id := range ids {
			all = append(all, DuplicateCount{Source: "web", EventID: id, At: clock.t})
		}
		if err := s.AddTally(ctx, Tally{Workspace: DefaultWorkspace, Position: pos, Duplicates: all}); err != nil {
			t.Fatal(err)
		}
	}
	add(1, "a", "b", "a")
	add(1, "a") // the same stretch again
	add(2, "a")
	got, err := s.Duplicates(ctx, DefaultWorkspace, []string{"a", "c"})
	if err != nil || len(got) != 1 || got[0].Copies != 3 || got[0].Source != "web" {
		t.Errorf("duplicates %+v, %v", got, err)
	}
}

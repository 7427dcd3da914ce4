package metastore

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTallyCountsAReplayOnce(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	add := func(pos uint64, n int64) {
		t.Helper()
		err := s.AddTally(ctx, Tally{
			Workspace: DefaultWorkspace, Position: pos,
			Counts:     []Count{{Source: "web", Day: clock.t, Outcome: Accepted, N: n}, {Source: "web", Day: clock.t, Outcome: Reject, Code: "no_id", N: 1}},
			Rejections: []Rejection{{Source: "web", At: clock.t, Code: "no_id", Message: fmt.Sprint("at ", pos)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(5, 10)
	add(5, 10) // replayed
	add(3, 10) // replayed
	add(6, 1)
	got, err := s.Counts(ctx, DefaultWorkspace, "", time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	day := clock.t.Truncate(24 * time.Hour)
	want := []Count{{"web", day, Accepted, "", 11}, {"web", day, Reject, "no_id", 2}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	list, err := s.Rejections(ctx, DefaultWorkspace, "web", 0, 10)
	if err != nil || len(list) != 2 || list[0].Message != "at 6" {
		t.Errorf("rejections %+v, %v; want 2, newest first", list, err)
	}
	if older, _ := s.Rejections(ctx, DefaultWorkspace, "", list[0].ID, 10); len(older) != 1 || older[0].Message != "at 5" {
		t.Errorf("page after the first: %+v", older)
	}
	if pos, err := s.Tallied(ctx, DefaultWorkspace); err != nil || pos != 6 {
		t.Errorf("tallied %d, %v; want 6", pos, err)
	}
}

func TestRejectionsAreBounded(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	batch := make([]Rejection, 3000)
	for i := range batch {
		batch[i] = Rejection{Source: "web", At: clock.t, Code: "no_id"}
	}
	for pos := uint64(1); pos <= 4; pos++ {
		if err := s.AddTally(ctx, Tally{Workspace: DefaultWorkspace, Position: pos, Rejections: batch}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Rejections(ctx, DefaultWorkspace, "", 0, 1<<20)
	if err != nil || len(list) != KeptRejections || list[0].ID != 12000 {
		t.Errorf("kept %d, %v; want the newest %d", len(list), err, KeptRejections)
	}
}

func TestCountsAreOfTheDaysAsked(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var counts []Count
	for _, day := range []string{"1969-12-31T23:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T23:59:59Z"} {
		counts = append(counts, Count{Source: "web", Day: at(day), Outcome: Accepted, N: 1})
	}
	if err := s.AddTally(ctx, Tally{Workspace: DefaultWorkspace, Counts: counts}); err != nil {
		t.Fatal(err)
	}
	f := func(from, until time.Time, want int) {
		t.Helper()
		got, err := s.Counts(ctx, DefaultWorkspace, "web", from, until)
		if err != nil || len(got) != want {
			t.Errorf("[%v, %v): %+v, %v; want %d", from, until, got, err, want)
		}
	}
	f(time.Time{}, time.Time{}, 3)
	f(at("2026-01-01T12:00:00Z"), time.Time{}, 2)
	f(at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"), 1)
	f(time.Time{}, at("1970-01-01T00:00:00Z"), 1)
}

func TestConversionsArePutAndDeleted(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	put := func(c Conversion) error { return s.PutConversion(ctx, DefaultWorkspace, c) }
	if err := errors.Join(put(Conversion{Name: "order", Events: []string{"Item Purchased"}}),
		put(Conversion{Name: "order", Events: []string{"A", "B"}, Conditions: []string{"properties.amount:gt:5"}})); err != nil {
		t.Fatal(err)
	}
	got, err := s.Conversion(ctx, DefaultWorkspace, "order")
	if err != nil || len(got.Events) != 2 || len(got.Conditions) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := put(Conversion{Name: "none", Events: []string{""}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("empty event name: %v, want ErrInvalid", err)
	}
	if err := s.DeleteConversion(ctx, DefaultWorkspace, "order"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Conversion(ctx, DefaultWorkspace, "order"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted: %v, want ErrNotFound", err)
	}
	if all, err := s.Conversions(ctx, DefaultWorkspace); err != nil || all == nil || len(all) != 0 {
		t.Errorf("conversions %v, %v; want an empty list", all, err)
	}
}

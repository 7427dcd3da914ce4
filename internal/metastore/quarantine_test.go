package metastore

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// heldCall is a call of the source web with a violation.
func heldCall(id string, seq int64) HeldCall {
	at := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	return HeldCall{
		Source: "web", EventID: id, ReceivedAt: at, Type: "track", Event: "Rated", Action: "block", Plan: "web", Version: 1,
		Code: "constraint", Violations: []byte(`[{"kind":"constraint","event":"Rated","description":"too high"}]`), Request: []byte("request of " + id), Seq: seq,
		Counts: []ViolationCount{{ViolationKey: ViolationKey{Source: "web", Plan: "web", Version: 1, Kind: "constraint", Event: "Rated"}, Day: at, N: 1, First: at, Last: at}},
	}
}

// states writes the calls with their states and copies, the oldest first.
func states(t *testing.T, s *Store, f HeldFilter) string {
	t.Helper()
	all, err := s.HeldCalls(t.Context(), DefaultWorkspace, f, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out string
	for _, h := range slices.Backward(all) {
		out += fmt.Sprintf("%s %s %d; ", h.EventID, h.Status, h.Copies)
	}
	return out
}

func hold(t *testing.T, s *Store, calls ...HeldCall) {
	t.Helper()
	if err := s.Hold(t.Context(), DefaultWorkspace, calls); err != nil {
		t.Fatal(err)
	}
}

func TestHoldingTwiceIsHoldingOnce(t *testing.T) {
	s, _ := open(t)
	hold(t, s, heldCall("a", 5), heldCall("b", 5))
	hold(t, s, heldCall("a", 5), heldCall("b", 5)) // the same records, after a crash
	hold(t, s, heldCall("a", 6))                   // sent again
	if got := states(t, s, HeldFilter{}); got != "a held 2; b held 1; " {
		t.Errorf("got %s", got)
	}
	other := heldCall("a", 7)
	other.Source = "app"
	hold(t, s, other)
	if got := states(t, s, HeldFilter{Source: "app"}); got != "a held 1; " {
		t.Errorf("another source's call of the same id: %s", got)
	}
	violations, _, err := s.Violations(t.Context(), DefaultWorkspace, ViolationQuestion{Limit: 10})
	if err != nil || len(violations) != 1 || violations[0].N != 3 {
		t.Errorf("violations %+v, %v; want one of each call", violations, err)
	}
}

func TestReplayTakesCallsOutOfQuarantineOrBack(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	hold(t, s, heldCall("a", 1), heldCall("b", 1), heldCall("c", 1))
	job, err := s.QueueReplay(ctx, DefaultWorkspace, "Ada", HeldFilter{Code: "constraint"})
	if err != nil || job.Total != 3 || job.Waiting != 3 {
		t.Fatalf("job %+v, %v", job, err)
	}
	queued, err := s.Queued(ctx, DefaultWorkspace, 10)
	if err != nil || len(queued) != 3 || string(queued[0].Request) != "request of a" {
		t.Fatalf("queued %+v, %v", queued, err)
	}
	again := heldCall("c", 9)
	again.Replay, again.Version = true, 2
	hold(t, s, again) // the pipeline is quicker than the note
	ids := []int64{queued[0].ID, queued[1].ID, queued[2].ID}
	if err := s.MarkReplaying(ctx, []ReplayMark{{ids, job.ID, 9}}); err != nil {
		t.Fatal(err)
	}
	hold(t, s, heldCall("a", 10)) // a client sends it again meanwhile
	if got := states(t, s, HeldFilter{}); got != "a replaying 2; b replaying 1; c held 1; " {
		t.Errorf("on the way: %s", got)
	}
	if early, err := s.Replaying(ctx, DefaultWorkspace, 8, 10); err != nil || len(early) != 0 {
		t.Errorf("before the pipeline has come to them: %+v, %v", early, err)
	}
	if err := s.ResolveReplay(ctx, ids[:1], ids[1:]); err != nil {
		t.Fatal(err)
	}
	if err := s.FinishReplays(ctx, DefaultWorkspace); err != nil {
		t.Fatal(err)
	}
	if got := states(t, s, HeldFilter{}); got != "a replayed 2; b held 1; c held 1; " {
		t.Errorf("in the end: %s", got)
	}
	job, err = s.ReplayJob(ctx, DefaultWorkspace, job.ID)
	if err != nil || job.FinishedAt.IsZero() || job.Replayed != 1 || job.Waiting != 0 {
		t.Errorf("job %+v, %v", job, err)
	}
	clock.advance(KeptQuarantine + time.Hour)
	if err := s.PurgeQuarantine(ctx, DefaultWorkspace); err != nil {
		t.Fatal(err)
	}
	if got := states(t, s, HeldFilter{}); got != "b held 1; c held 1; " {
		t.Errorf("after a month: %s", got)
	}
	if job, err := s.ReplayJob(ctx, DefaultWorkspace, job.ID); err != nil || job.Replayed != 1 {
		t.Errorf("job after a month: %+v, %v", job, err)
	}
	if _, err := s.ReplayJob(ctx, DefaultWorkspace, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("no job: %v", err)
	}
}

func TestReplayOfAnotherLogStartsOver(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	hold(t, s, heldCall("a", 1))
	if _, err := s.QueueReplay(ctx, DefaultWorkspace, "", HeldFilter{}); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkReplaying(ctx, []ReplayMark{{[]int64{1}, 1, 50}}); err != nil {
		t.Fatal(err)
	}
	f := func(end uint64, want string) {
		t.Helper()
		if err := s.Requeue(ctx, DefaultWorkspace, end); err != nil {
			t.Fatal(err)
		}
		if got := states(t, s, HeldFilter{}); got != want {
			t.Errorf("log ends at %d: got %s, want %s", end, got, want)
		}
	}
	f(50, "a replaying 1; ")
	f(49, "a queued 1; ")
}

func TestDiscardedCallsAreNotReplayed(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	hold(t, s, heldCall("a", 1), heldCall("b", 1))
	if n, err := s.Discard(ctx, DefaultWorkspace, HeldFilter{IDs: []string{"1", "nonsense"}}); err != nil || n != 1 {
		t.Errorf("discarded %d, %v", n, err)
	}
	hold(t, s, heldCall("a", 2)) // sent again: it stays given up
	if job, err := s.QueueReplay(ctx, DefaultWorkspace, "", HeldFilter{}); err != nil || job.Total != 1 {
		t.Errorf("replay of all: %+v, %v", job, err)
	}
	if got := states(t, s, HeldFilter{}); got != "a discarded 2; b queued 1; " {
		t.Errorf("got %s", got)
	}
	groups, total, err := s.HeldGroups(ctx, DefaultWorkspace, HeldFilter{Statuses: []Status{StatusQueued}}, 10)
	if err != nil || total != 1 || len(groups) != 1 || groups[0].Code != "constraint" || groups[0].N != 1 {
		t.Errorf("groups %+v of %d, %v", groups, total, err)
	}
	audit, err := s.Audit(ctx, 2)
	if err != nil || audit[0].Action != "quarantine.replay" || audit[1].Action != "quarantine.discard" {
		t.Errorf("audit %+v, %v", audit, err)
	}
}

func TestReplayThatIsQueuedAgainIsNotEndedByTheFirst(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	hold(t, s, heldCall("a", 1))
	queue := func() int64 {
		t.Helper()
		j, err := s.QueueReplay(ctx, DefaultWorkspace, "", HeldFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return j.ID
	}
	first := queue()
	again := heldCall("a", 5)
	again.Replay = true
	hold(t, s, again) // the pipeline holds it again at once
	queue()
	if err := s.MarkReplaying(ctx, []ReplayMark{{[]int64{1}, first, 5}}); err != nil {
		t.Fatal(err)
	}
	if got := states(t, s, HeldFilter{}); got != "a queued 1; " {
		t.Errorf("got %s", got)
	}
}

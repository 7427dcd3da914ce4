package metastore

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConversationsAreDueAfterQuietOrAfterLong(t *testing.T) {
	s, c := open(t)
	ctx, start := t.Context(), c.now()
	note := func(position uint64, ids ...string) {
		t.Helper()
		if err := s.NoteConversations(ctx, DefaultWorkspace, ids, position, c.now(), 2*time.Second, 10*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	due := func(cursor uint64) (ids []string) {
		t.Helper()
		marks, err := s.DueConversations(ctx, DefaultWorkspace, c.now(), cursor, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range marks {
			ids = append(ids, m.Conversation)
		}
		return ids
	}
	f := func(cursor uint64, want ...string) {
		t.Helper()
		if got := due(cursor); !cmp.Equal(got, want) {
			t.Errorf("after %v at %d: due %v, want %v", c.now().Sub(start), cursor, got, want)
		}
	}
	note(5, "quiet", "busy")
	f(9)
	c.advance(time.Second)
	note(6, "busy")
	c.advance(time.Second)
	f(9, "quiet")
	f(4)
	for range 5 {
		note(7, "busy")
		c.advance(1600 * time.Millisecond)
	}
	f(9, "quiet", "busy") // busy since ten seconds
	f(6, "quiet")
}

func TestConversationsAreSettledOnlyAsTheyAre(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	note := func(ids ...string) {
		t.Helper()
		if err := s.NoteConversations(ctx, DefaultWorkspace, ids, 5, c.now(), 0, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	note("a", "b")
	done, err := s.DueConversations(ctx, DefaultWorkspace, c.now(), 9, 10)
	if err != nil || len(done) != 2 {
		t.Fatal(done, err)
	}
	c.advance(time.Second)
	note("b") // renewed meanwhile
	later := c.now().Add(time.Hour)
	add := []AnalysisMark{
		{Conversation: "a", Class: AnalysisTime, First: c.now(), Due: later},
		{Conversation: "b", Class: AnalysisTime, First: c.now(), Due: later},
		{Conversation: "n", Class: AnalysisNeighbour, First: c.now(), Due: c.now()},
	}
	if err := s.SettleConversations(ctx, DefaultWorkspace, done, add); err != nil {
		t.Fatal(err)
	}
	f := func(want ...string) {
		t.Helper()
		marks, err := s.DueConversations(ctx, DefaultWorkspace, c.now(), 9, 10)
		var got []string
		for _, m := range marks {
			got = append(got, fmt.Sprint(m.Conversation, m.Class))
		}
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("due %v (%v), want %v", got, err, want)
		}
	}
	f("b0", "n1")
	if n, next, err := s.WaitingConversations(ctx, DefaultWorkspace); n != 2 || !next.Equal(c.now()) || err != nil {
		t.Errorf("%d wait, the next until %v, %v", n, next, err)
	}
	c.advance(time.Hour)
	f("b0", "n1", "a2")
	note("a") // something came before its time
	f("b0", "n1", "a0")
}

func TestSettingsOfSignalsRaiseTheGeneration(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	f := func(generation int64, want map[string]string) {
		t.Helper()
		state, err := s.AnalysisState(ctx, DefaultWorkspace)
		if err != nil || state.Generation != generation {
			t.Errorf("generation %d (%v), want %d", state.Generation, err, generation)
		}
		got, err := s.SignalSettings(ctx, DefaultWorkspace)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("settings, %v (-want +got):\n%s", err, d)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	f(0, map[string]string{})
	must(s.SetSignalSetting(ctx, DefaultWorkspace, "rage", `{"off":true}`))
	f(1, map[string]string{"rage": `{"off":true}`})
	must(s.SetAnalysisProgress(ctx, DefaultWorkspace, 7, "after", false))
	must(s.SetLearned(ctx, DefaultWorkspace, "{}", false))
	must(s.SetSignalSetting(ctx, DefaultWorkspace, "rage", ""))
	f(2, map[string]string{})
	got, err := s.AnalysisState(ctx, DefaultWorkspace)
	if want := (AnalysisState{Generation: 2, Target: 7, Cursor: "after", Learned: "{}"}); got != want || err != nil {
		t.Errorf("state %+v (%v), want %+v", got, err, want)
	}
}

// BenchmarkNoteConversations marks a thousand conversations at a time, most of them new.
func BenchmarkNoteConversations(b *testing.B) {
	s, err := Open(b.Context(), Config{Path: b.TempDir() + "/meta.sqlite"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ids, n := make([]string, 1000), 0
	for b.Loop() {
		for i := range ids {
			n++
			ids[i] = fmt.Sprintf("conversation-%08d", n*7919%100_000_000)
		}
		if err := s.NoteConversations(b.Context(), DefaultWorkspace, ids, uint64(n), time.Now(), time.Second, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/conversation")
}

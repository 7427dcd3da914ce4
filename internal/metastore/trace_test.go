package metastore

import (
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

func TestTraceMarksAreRemovedOnlyAsTheyAre(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	at := time.Date(2026, 11, 21, 10, 0, 0, 123456000, time.UTC)
	first := TraceMark{Trace: "t1", Position: 5, Due: at.Add(time.Second), From: at, Until: at, Root: true}
	other := TraceMark{Conversation: "c1", Position: 6, Due: at, From: at, Until: at.Add(time.Minute)}
	session := TraceMark{Session: `["app","ada","","s1"]`, Position: 7, Due: at, From: at, Until: at}
	if err := s.PutTraceMarks(ctx, DefaultWorkspace, []TraceMark{first, other, session}); err != nil {
		t.Fatal(err)
	}
	renewed, renewedSession := first, session
	renewed.Position, renewedSession.Position = 9, 9
	if err := s.PutTraceMarks(ctx, DefaultWorkspace, []TraceMark{renewed, renewedSession}); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveTraceMarks(ctx, DefaultWorkspace, []TraceMark{first, other, session}); err != nil {
		t.Fatal(err)
	}
	got, err := s.TraceMarks(ctx, DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]TraceMark{renewedSession, renewed}, got); d != "" {
		t.Errorf("the renewed marks alone should be left (-want +got):\n%s", d)
	}
}

func TestTracedConversationsAreKeptOnce(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for _, ids := range [][]string{{"a", "b"}, {"b", "c"}} {
		if err := s.AddTracedConversations(ctx, DefaultWorkspace, ids); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.TracedConversations(ctx, DefaultWorkspace)
	if err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTraceMarksOutliveTheUpgrade(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "meta.sqlite")
	old := fstest.MapFS{}
	for _, name := range []string{"migrations/0001_first.sql", "migrations/0002_traces.sql", "migrations/0003_plans.sql"} {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Name: "metadata", Steps: old})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO trace_marks VALUES ('default', 't1', '', 5, 3, 1, 2, 1), ('default', '', 'c1', 6, 3, 1, 2, 0)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := func(us int64) time.Time { return time.UnixMicro(us).UTC() }
	got, err := s.TraceMarks(ctx, "default")
	want := []TraceMark{
		{Conversation: "c1", Position: 6, Due: at(3), From: at(1), Until: at(2)},
		{Trace: "t1", Position: 5, Due: at(3), From: at(1), Until: at(2), Root: true},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v, marks (-want +got):\n%s", err, d)
	}
}

package metastore

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

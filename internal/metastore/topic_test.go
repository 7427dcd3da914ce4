package metastore

import (
	"errors"
	"strings"
	"testing"
)

func TestDecisionsOnTopicsAreKept(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	put := func(topics ...Topic) error { return s.PutTopics(ctx, DefaultWorkspace, topics) }
	if err := put(Topic{ID: "t2", Name: "Cards", Pinned: true}, Topic{ID: "t1", MergedInto: "t2"}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Topics(ctx, DefaultWorkspace)
	if err != nil || len(all) != 2 || all[0].MergedInto != "t2" || all[1].Name != "Cards" || !all[1].Pinned || !all[1].UpdatedAt.Equal(c.t) {
		t.Fatalf("got %+v, %v", all, err)
	}
	if err := put(Topic{ID: "t1"}); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Topics(ctx, DefaultWorkspace); err != nil || len(all) != 1 {
		t.Errorf("after one says nothing any more: got %+v, %v", all, err)
	}
	for _, bad := range []Topic{{Name: "x"}, {ID: "t3", Name: strings.Repeat("x", 2000)}, {ID: "t3", Name: "a\x00b"}} {
		if err := put(Topic{ID: "t9", Excluded: true}, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.20q: got %v, want ErrInvalid", bad.Name, err)
		}
	}
	if all, _ := s.Topics(ctx, DefaultWorkspace); len(all) != 1 {
		t.Errorf("a refused change left %+v", all)
	}
	if other, err := s.Topics(ctx, "another"); err != nil || len(other) != 0 {
		t.Errorf("another workspace: got %+v, %v", other, err)
	}
}

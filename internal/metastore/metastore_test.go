package metastore

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func open(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "meta.sqlite"), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, c
}

func TestReopenKeepsEverything(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "meta.sqlite")
	s, err := Open(ctx, Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	src, err := s.CreateSource(ctx, NewSource{Name: "Web app"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	s, err = Open(ctx, Config{Path: path, Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, ok := s.Lookup(src.Keys[0].Key)
	if !ok || got.ID != "web-app" {
		t.Errorf("lookup after reopening: %v %v", got, ok)
	}
}

func TestWorkspaceKeyNeverChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.sqlite")
	var keys []string
	for range 2 {
		s, err := Open(t.Context(), Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.Workspace(t.Context(), DefaultWorkspace)
		if err != nil || w.Zone != "UTC" || w.WeekStart != time.Monday {
			t.Fatalf("workspace %+v, %v", w, err)
		}
		keys = append(keys, string(w.HashKey))
		_ = s.Close()
	}
	if len(keys[0]) != 32 || keys[0] != keys[1] {
		t.Errorf("keys of %d bytes, equal: %t", len(keys[0]), keys[0] == keys[1])
	}
}

func TestCheckLeavesNothing(t *testing.T) {
	s, _ := open(t)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if err := s.Check(t.Context()); err == nil {
		t.Error("a closed store can be written, says Check")
	}
}

func TestChangesAreAuditedWithActorAndWithoutSecrets(t *testing.T) {
	s, _ := open(t)
	ctx := WithActor(t.Context(), "member:ada")
	src, err := s.CreateSource(ctx, NewSource{Name: "Web", WriteKey: "wk_secret"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateSource(ctx, DefaultWorkspace, src.ID, SourceChange{Enabled: new(false)}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateToken(t.Context(), NewToken{Name: "ci", Role: Viewer, Secret: "a-secret-of-some-length"}); err != nil {
		t.Fatal(err)
	}
	log, err := s.Audit(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range log {
		lines = append(lines, e.Actor+" "+e.Action+" "+e.Detail)
		if strings.Contains(e.Detail+e.Subject, "secret") {
			t.Errorf("audit entry tells a secret: %+v", e)
		}
	}
	want := "system token.create name=\"ci\" role=viewer\nmember:ada source.update enabled=false\nmember:ada source.create Web"
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

package metastore

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestComputedDefinitions(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	want := Computed{Key: "questions", Kind: "trait", Name: "Questions", Body: json.RawMessage(`{"a":1}`), Emit: "identify", Enabled: true}
	made, err := s.CreateComputed(ctx, DefaultWorkspace, want)
	if err != nil || made.ID == "" || made.Version != 1 {
		t.Fatalf("made %+v (%v)", made, err)
	}
	other := want
	other.Kind = "audience"
	if _, err := s.CreateComputed(ctx, DefaultWorkspace, other); !errors.Is(err, ErrExists) {
		t.Errorf("the key of a trait for an audience: %v, want ErrExists", err)
	}
	put := func(change func(*Computed), version int64) {
		t.Helper()
		c := made
		change(&c)
		got, err := s.PutComputed(ctx, DefaultWorkspace, c)
		if err != nil || got.Version != version || got.ID != made.ID || got.Kind != "trait" {
			t.Errorf("put %+v: got %+v (%v), want version %d", c, got, err, version)
		}
	}
	put(func(c *Computed) { c.Name, c.Doc, c.Enabled = "Asked", "How often", false }, 1)
	put(func(c *Computed) { c.Body, c.Enabled = json.RawMessage(`{"a":2}`), false }, 2)
	put(func(c *Computed) { c.Body = json.RawMessage(`{"a":2}`) }, 3) // enabled again
	put(func(c *Computed) { c.Body = json.RawMessage(`{"a":2}`) }, 3)
	origins, err := s.Origins(ctx, DefaultWorkspace, []string{"none", "questions", `with "quotes"`})
	if err != nil || len(origins) != 1 || origins["questions"] != (Origin{ID: made.ID, Kind: "trait"}) {
		t.Errorf("origins %+v (%v)", origins, err)
	}
	sql, err := s.CreateComputed(ctx, DefaultWorkspace, Computed{Key: "by_sql", Kind: "sql", Name: "By SQL", Body: json.RawMessage(`{"columns":["seats","region"]}`), Emit: "none", Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	origins, err = s.Origins(ctx, DefaultWorkspace, []string{"region", "questions", "none"})
	if err != nil || len(origins) != 2 || origins["region"] != (Origin{ID: sql.ID, Kind: "sql"}) {
		t.Errorf("origins of a column: %+v (%v)", origins, err)
	}
	if err := s.DeleteComputed(ctx, DefaultWorkspace, "by_sql"); err != nil {
		t.Fatal(err)
	}
	if origins, err := s.Origins(ctx, "another", []string{"questions"}); err != nil || len(origins) != 0 {
		t.Errorf("origins in another workspace: %+v (%v)", origins, err)
	}
	if err := s.RaiseComputed(ctx, DefaultWorkspace, "questions", "none"); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Computed(ctx, DefaultWorkspace); err != nil || len(all) != 1 || all[0].Version != 4 || string(all[0].Body) != `{"a":2}` {
		t.Errorf("raised: %+v (%v)", all, err)
	}
	if err := s.DeleteComputed(ctx, DefaultWorkspace, "questions"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteComputed(ctx, DefaultWorkspace, "questions"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted again: %v, want ErrNotFound", err)
	}
	again, err := s.CreateComputed(ctx, DefaultWorkspace, want)
	if err != nil || again.ID == made.ID {
		t.Errorf("made again: %+v (%v); want another id than %s", again, err, made.ID)
	}
	want.Body = json.RawMessage(`{`)
	if _, err := s.PutComputed(ctx, DefaultWorkspace, want); !errors.Is(err, ErrInvalid) {
		t.Errorf("a body that is no JSON: %v, want ErrInvalid", err)
	}
}

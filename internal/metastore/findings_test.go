package metastore

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestViewsAreKeptByName(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	v, err := s.CreateView(ctx, DefaultWorkspace, View{Name: "Charts", Page: "/conversations", Query: "filter=topic%3Aeq%3At1", Author: "Ada"})
	if err != nil || v.ID == "" || !v.CreatedAt.Equal(c.t) {
		t.Fatalf("created: %+v, %v", v, err)
	}
	if _, err := s.CreateView(ctx, DefaultWorkspace, View{Name: "Charts", Page: "/"}); !errors.Is(err, ErrExists) {
		t.Errorf("second of the name: got %v, want ErrExists", err)
	}
	if _, err := s.CreateView(ctx, DefaultWorkspace, View{Name: "A first one", Page: "/"}); err != nil {
		t.Error(err)
	}
	c.advance(time.Hour)
	v.Pinned, v.Query = true, ""
	if got, err := s.PutView(ctx, DefaultWorkspace, v); err != nil || !got.Pinned || got.Query != "" || !got.UpdatedAt.Equal(c.t) || got.Author != "Ada" {
		t.Errorf("changed: %+v, %v", got, err)
	}
	all, err := s.Views(ctx, DefaultWorkspace)
	if err != nil || len(all) != 2 || all[0].Name != "Charts" {
		t.Errorf("listed: %+v, %v; want the pinned one first", all, err)
	}
	for _, bad := range []View{{Name: "", Page: "/"}, {Name: "x", Page: "//evil.example"}, {Name: "x", Page: "https://evil.example"}, {Name: "x", Page: "/a?b"}, {Name: "x", Page: "/", Query: strings.Repeat("x", MaxViewQuery+1)}} {
		if _, err := s.CreateView(ctx, DefaultWorkspace, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", bad, err)
		}
	}
	if err := s.DeleteView(ctx, DefaultWorkspace, v.ID); err != nil {
		t.Error(err)
	}
	if err := s.DeleteView(ctx, DefaultWorkspace, v.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted twice: got %v, want ErrNotFound", err)
	}
	if _, err := s.PutView(ctx, DefaultWorkspace, v); !errors.Is(err, ErrNotFound) {
		t.Errorf("changed after it is gone: got %v, want ErrNotFound", err)
	}
	entries, err := s.Audit(ctx, 10)
	if err != nil || len(entries) < 4 || entries[0].Action != "view.delete" {
		t.Errorf("audit: %+v, %v", entries, err)
	}
}

func TestAnnotationsAreListedByRangeAndNeverDoubled(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	add := func(a Annotation) Annotation {
		t.Helper()
		got, err := s.AddAnnotation(ctx, DefaultWorkspace, a)
		if err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		return got
	}
	v7 := add(Annotation{At: c.t.Add(-24 * time.Hour), Kind: "prompt", Text: "v7", Source: "web"})
	if again := add(Annotation{At: v7.At, Kind: "prompt", Text: "v7", Source: "web", Author: "CI"}); again.ID != v7.ID {
		t.Errorf("the same twice: got %s and %s", v7.ID, again.ID)
	}
	now := add(Annotation{Kind: "deploy", Text: "release 4"})
	if !now.At.Equal(c.t) {
		t.Errorf("without a time: at %s, want %s", now.At, c.t)
	}
	f := func(source string, from, until time.Time, want ...string) {
		t.Helper()
		all, err := s.Annotations(ctx, DefaultWorkspace, source, from, until)
		got := []string{}
		for _, a := range all {
			got = append(got, a.Text)
		}
		if err != nil || strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("source %q, %s to %s: got %v, %v; want %v", source, from, until, got, err, want)
		}
	}
	f("", time.Time{}, time.Time{}, "v7", "release 4")
	f("app", time.Time{}, time.Time{}, "release 4")
	f("web", v7.At, c.t, "v7")
	f("", c.t, time.Time{}, "release 4")
	now.Text, now.At = "release 5", c.t.Add(time.Minute)
	if got, err := s.PutAnnotation(ctx, DefaultWorkspace, now); err != nil || got.Text != "release 5" || !got.At.Equal(now.At) {
		t.Errorf("changed: %+v, %v", got, err)
	}
	for _, bad := range []Annotation{{Kind: "party", Text: "x"}, {Kind: "note", Text: " "}, {Kind: "note", Text: strings.Repeat("x", MaxAnnotation+1)}} {
		if _, err := s.AddAnnotation(ctx, DefaultWorkspace, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", bad, err)
		}
	}
	if err := s.DeleteAnnotation(ctx, DefaultWorkspace, v7.ID); err != nil {
		t.Error(err)
	}
	if err := s.DeleteAnnotation(ctx, DefaultWorkspace, v7.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted twice: got %v, want ErrNotFound", err)
	}
}

func TestExperimentsAreKeptByName(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	put := func(name, definition string) (Experiment, error) {
		return s.PutExperiment(ctx, DefaultWorkspace, Experiment{Name: name, Definition: json.RawMessage(definition)})
	}
	made, err := put("prompt 7", `{"field":"model"}`)
	if err != nil {
		t.Fatal(err)
	}
	c.advance(time.Hour)
	if got, err := put("prompt 7", `{"field":"channel"}`); err != nil || string(got.Definition) != `{"field":"channel"}` || !got.CreatedAt.Equal(made.CreatedAt) || !got.UpdatedAt.Equal(c.t) {
		t.Errorf("replaced: %+v, %v", got, err)
	}
	if _, err := put("x", `{`); !errors.Is(err, ErrInvalid) {
		t.Errorf("no JSON: got %v, want ErrInvalid", err)
	}
	if all, err := s.Experiments(ctx, DefaultWorkspace); err != nil || len(all) != 1 {
		t.Errorf("listed: %+v, %v", all, err)
	}
	if err := s.DeleteExperiment(ctx, DefaultWorkspace, "prompt 7"); err != nil {
		t.Error(err)
	}
	if _, err := s.Experiment(ctx, DefaultWorkspace, "prompt 7"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after it is gone: got %v, want ErrNotFound", err)
	}
}

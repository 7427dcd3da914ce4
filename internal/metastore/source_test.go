package metastore

import (
	"errors"
	"testing"
)

func TestLookupFollowsChanges(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	src, err := s.CreateSource(ctx, NewSource{Name: "Web", WriteKey: "wk_first", RatingScale: "1-5"})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := s.Lookup("wk_first")
	if !ok || got.ID != src.ID || !got.Enabled || got.RatingScale != "1-5" {
		t.Fatalf("lookup: %+v %t", got, ok)
	}
	if _, err := s.UpdateSource(ctx, DefaultWorkspace, src.ID, SourceChange{Enabled: new(false), Settings: map[string]string{SettingIDNamespace: "web:"}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Lookup("wk_first"); got.Enabled || got.Settings[SettingIDNamespace] != "web:" || got.RatingScale != "1-5" {
		t.Errorf("after the change: %+v", got)
	}
	live := func(key string, want bool) {
		t.Helper()
		if _, ok := s.Lookup(key); ok != want {
			t.Errorf("lookup %s: %t, want %t", key, ok, want)
		}
	}
	rotate := func(revoke bool, keys int) string {
		t.Helper()
		src, err := s.RotateKey(ctx, DefaultWorkspace, src.ID, revoke)
		if err != nil || len(src.Keys) != keys {
			t.Fatalf("rotate: %+v, %v; want %d keys", src, err, keys)
		}
		return src.Keys[0].Key
	}
	second := rotate(false, 2)
	live("wk_first", true)
	live(second, true)
	live("wk_unknown", false)
	third := rotate(true, 1)
	live("wk_first", false)
	live(second, false)
	live(third, true)
}

func TestSourceIDsAreReadableAndUnique(t *testing.T) {
	s, _ := open(t)
	f := func(name, want string) {
		t.Helper()
		src, err := s.CreateSource(t.Context(), NewSource{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if src.ID != want {
			t.Errorf("%q: id %q, want %q", name, src.ID, want)
		}
	}
	f("Web app", "web-app")
	f("web APP!", "web-app-2")
	f("  Web app  ", "web-app-3")
	f("日本", "source")
}

func TestSourcesRefuseNonsense(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	src, err := s.CreateSource(ctx, NewSource{Name: "Web", WriteKey: "wk_taken"})
	if err != nil {
		t.Fatal(err)
	}
	f := func(want error, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	create := func(n NewSource) error { _, err := s.CreateSource(ctx, n); return err }
	f(ErrInvalid, create(NewSource{Name: " "}))
	f(ErrInvalid, create(NewSource{Name: "a\nb"}))
	f(ErrInvalid, create(NewSource{Name: "a", WriteKey: "with space"}))
	f(ErrInvalid, create(NewSource{Name: "a", WriteKey: "with:colon"}))
	f(ErrExists, create(NewSource{Name: "a", WriteKey: "wk_taken"}))
	update := func(id string, c SourceChange) error {
		_, err := s.UpdateSource(ctx, DefaultWorkspace, id, c)
		return err
	}
	f(ErrNotFound, update("nobody", SourceChange{Enabled: new(true)}))
	f(ErrInvalid, update(src.ID, SourceChange{Name: new("")}))
	f(ErrInvalid, update(src.ID, SourceChange{Settings: map[string]string{"a": "b\n"}}))
	f(nil, update(src.ID, SourceChange{Settings: map[string]string{"a": "1"}}))
	_, err = s.RotateKey(ctx, "other", src.ID, false)
	f(ErrNotFound, err)
	all, err := s.Sources(ctx, DefaultWorkspace)
	if err != nil || len(all) != 1 || all[0].Settings["a"] != "1" {
		t.Errorf("sources %+v, %v; want one, with settings", all, err)
	}
}

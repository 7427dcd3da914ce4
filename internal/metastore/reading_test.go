package metastore

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNotesStayInOrderUntilDeleted(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	first, err := s.AddNote(ctx, "default", Note{Conversation: "c1", Author: "Ada", Text: "look at this"})
	if err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Minute)
	second, err := s.AddNote(ctx, "default", Note{Conversation: "c1", Event: "e7", Author: "Bob", Text: "two\nlines"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Notes(ctx, "default", "c1")
	if diff := cmp.Diff([]Note{first, second}, got); diff != "" || err != nil {
		t.Errorf("notes: %v\n%s", err, diff)
	}
	if err := s.DeleteNote(ctx, "default", first.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteNote(ctx, "default", first.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("second delete: %v, want ErrNotFound", err)
	}
	for _, text := range []string{"", " \n", strings.Repeat("é", MaxNote+1)} {
		if _, err := s.AddNote(ctx, "default", Note{Conversation: "c1", Text: text}); !errors.Is(err, ErrInvalid) {
			t.Errorf("note of %d bytes: %v, want ErrInvalid", len(text), err)
		}
	}
}

func TestLabelMarkOfAChangeMadeMeanwhileStays(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	change := func(add, remove []string) {
		t.Helper()
		if err := s.ChangeLabels(ctx, "default", []string{"c1", "c2"}, add, remove); err != nil {
			t.Fatal(err)
		}
	}
	marks := func(want ...LabelMark) []LabelMark {
		t.Helper()
		got, err := s.LabelMarks(ctx, "default", 10)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("marks: %v\n%s", err, diff)
		}
		return got
	}
	change([]string{"star", "bug: login"}, nil)
	seen := marks(LabelMark{"c1", 1, []string{"bug: login", "star"}}, LabelMark{"c2", 1, []string{"bug: login", "star"}})
	if err := s.ChangeLabels(ctx, "default", []string{"c2"}, nil, []string{"star", "never had"}); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveLabelMarks(ctx, "default", seen); err != nil {
		t.Fatal(err)
	}
	seen = marks(LabelMark{"c2", 2, []string{"bug: login"}})
	if err := s.RemoveLabelMarks(ctx, "default", seen); err != nil {
		t.Fatal(err)
	}
	if got, err := s.LabelMarks(ctx, "default", 10); len(got) != 0 || err != nil {
		t.Errorf("marks left: %v, %v", got, err)
	}
	if err := s.ChangeLabels(ctx, "default", []string{"c1"}, []string{"two\nlines"}, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("label of two lines: %v, want ErrInvalid", err)
	}
}

func TestShareWorksUntilItExpiresOrIsTakenBack(t *testing.T) {
	s, clock := open(t)
	ctx := t.Context()
	share := func() (Share, string) {
		t.Helper()
		h, secret, err := s.CreateShare(ctx, "default", "c1", "Ada", 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return h, secret
	}
	kept, secret := share()
	gone, goneSecret := share()
	if got, err := s.UseShare(ctx, secret); err != nil || got != kept {
		t.Errorf("use: %+v, %v, want %+v", got, err, kept)
	}
	if err := s.DeleteShare(ctx, "default", gone.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UseShare(ctx, goneSecret); !errors.Is(err, ErrNotFound) {
		t.Errorf("taken back: %v, want ErrNotFound", err)
	}
	clock.advance(24 * time.Hour)
	if _, err := s.UseShare(ctx, secret); !errors.Is(err, ErrNotFound) {
		t.Errorf("expired: %v, want ErrNotFound", err)
	}
	if left, err := s.Shares(ctx, "default", "c1"); len(left) != 0 || err != nil {
		t.Errorf("living links: %v, %v", left, err)
	}
	for _, life := range []time.Duration{0, time.Minute, 366 * 24 * time.Hour} {
		if _, _, err := s.CreateShare(ctx, "default", "c1", "Ada", life); !errors.Is(err, ErrInvalid) {
			t.Errorf("life %s: %v, want ErrInvalid", life, err)
		}
	}
}

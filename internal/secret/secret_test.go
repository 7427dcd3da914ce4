package secret

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestWhatIsSealedComesBackForItsPlaceAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	sealed, err := New(path).Seal("destination a", []byte("hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Errorf("the text stands in %q", sealed)
	}
	again := New(path) // another process
	if text, err := again.Open("destination a", sealed); err != nil || string(text) != "hunter2" {
		t.Errorf("got %q, %v", text, err)
	}
	refuse := func(what, place string, sealed []byte) {
		t.Helper()
		if text, err := again.Open(place, sealed); !errors.Is(err, ErrKey) {
			t.Errorf("%s: got %q, %v, want ErrKey", what, text, err)
		}
	}
	refuse("another place", "destination b", sealed)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		refuse("a changed byte", "destination a", changed)
	}
	refuse("nothing", "destination a", nil)
	if second, _ := again.Seal("destination a", []byte("hunter2")); bytes.Equal(second, sealed) {
		t.Error("the same text is sealed the same way twice")
	}
}

func TestTheKeyIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	if _, err := New(path).Open("x", []byte("x")); !errors.Is(err, ErrNoKey) {
		t.Errorf("without a key file: got %v", err)
	}
	var wg sync.WaitGroup
	boxes := make([]*Box, 8)
	for i := range boxes {
		boxes[i] = New(path)
	}
	box := New(path)
	for range boxes {
		wg.Go(func() {
			if _, err := box.Seal("x", []byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	sealed, _ := box.Seal("x", []byte("text"))
	for _, b := range boxes {
		if text, err := b.Open("x", sealed); string(text) != "text" {
			t.Errorf("got %q, %v", text, err)
		}
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(path).Seal("x", nil); err == nil {
		t.Error("a broken key file is used")
	}
}

package event

import (
	"strings"
	"testing"
)

func TestBodyHashIgnoresSpacingAndForm(t *testing.T) {
	key := []byte("workspace key")
	same := func(a, b string) {
		t.Helper()
		if x, y := BodyHash(key, a), BodyHash(key, b); x != y {
			t.Errorf("hash of %q is %s, of %q %s; want equal", a, x, b, y)
		}
	}
	same("what is up", "  what\tis\n\n up ")
	same("caf\u00e9", "cafe\u0301")
	same("", " \u00a0\n")
	same("a b", "a\u2003b")
	differ := func(x, y string) {
		t.Helper()
		if x == y {
			t.Errorf("hashes are equal: %s", x)
		}
	}
	differ(BodyHash(key, "ab"), BodyHash(key, "a b"))
	differ(BodyHash(key, "Hi"), BodyHash(key, "hi"))
	differ(BodyHash(key, "hi"), BodyHash([]byte("another"), "hi"))
}

// The value is pinned: hashes are stored, and must stay comparable over versions. It is the first 16
// bytes of HMAC-SHA256(key "k", "hi there"), computed with OpenSSL.
func TestBodyHashIsPinned(t *testing.T) {
	const want = "6vKPWLPyWPHXX8DS0PGyJg"
	if got := BodyHash([]byte("k"), " hi   there "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBodyCharsCountsCodePoints(t *testing.T) {
	f := func(s string, want int64) {
		t.Helper()
		if got := BodyChars(s); got != want {
			t.Errorf("%q: got %d, want %d", s, got, want)
		}
	}
	f("", 0)
	f("héllo", 5)
	f("📈", 1)
}

func TestBodyHasherAgreesWithItselfAndBodyHash(t *testing.T) {
	key := []byte("workspace key")
	h := NewBodyHasher(key)
	for _, s := range []string{"", " ", "hi", " \vhi\f\r there\n", "café  au\u00a0lait ", "cafe\u0301", strings.Repeat("long ", 30_000), "a\x00b", "hi"} {
		if got, want := h.Hash(s), BodyHash(key, s); got != want {
			t.Errorf("%.20q: got %s, want %s", s, got, want)
		}
	}
}

// The fast way for ASCII must do what Unicode's definition of white space does.
func TestBodyHashTreatsASCIIAsUnicode(t *testing.T) {
	for c := range byte(128) {
		text := "a" + string(rune(c)) + string(rune(c)) + "b" + string(rune(c))
		want := strings.Join(strings.Fields(text), " ")
		if got := string(appendNormal(nil, text)); got != want {
			t.Errorf("%q is brought to %q, want %q", text, got, want)
		}
	}
}

package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// BodyHash returns the keyed hash of a message text: equal texts of one workspace have equal hashes,
// and nobody without the key can test a guess. The text is brought to Unicode form NFC, trimmed, and
// every run of white space in it made one space. The hash is HMAC-SHA256 cut to 128 bits
// (RFC 2104, section 5), in unpadded base64url: 22 characters. An empty text has a hash as well.
func BodyHash(key []byte, text string) string { return NewBodyHasher(key).Hash(text) }

// BodyHasher makes the [BodyHash] of one text after another, reusing its memory. It is for one goroutine.
type BodyHasher struct {
	mac  hash.Hash
	text []byte
}

// NewBodyHasher returns a hasher with a workspace's key.
func NewBodyHasher(key []byte) *BodyHasher {
	return &BodyHasher{mac: hmac.New(sha256.New, key)}
}

// Hash returns the [BodyHash] of text.
func (h *BodyHasher) Hash(text string) string {
	const most = 64 << 10 // of memory kept for the next text
	h.text = appendNormal(h.text[:0], text)
	h.mac.Reset()
	h.mac.Write(h.text)
	if cap(h.text) > most {
		h.text = nil
	}
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(h.mac.Sum(sum[:0])[:16])
}

// appendNormal appends the text in form NFC, trimmed, with single spaces.
func appendNormal(dst []byte, text string) []byte {
	start := len(dst)
	for i := 0; i < len(text); {
		from := i
		for i < len(text) && text[i] < utf8.RuneSelf && !isSpace(text[i]) {
			i++
		}
		if i < len(text) && text[i] >= utf8.RuneSelf {
			return appendNormalUnicode(dst[:start], text)
		}
		if from < i {
			if len(dst) > start {
				dst = append(dst, ' ')
			}
			dst = append(dst, text[from:i]...)
		}
		for i < len(text) && isSpace(text[i]) {
			i++
		}
	}
	return dst
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func appendNormalUnicode(dst []byte, text string) []byte {
	for i, word := range strings.Fields(norm.NFC.String(text)) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, word...)
	}
	return dst
}

// BodyChars returns the length of a message text in Unicode code points.
func BodyChars(text string) int64 { return int64(utf8.RuneCountInString(text)) }

package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// BodyHash returns the keyed hash of a message text: equal texts of one workspace have equal hashes,
// and nobody without the key can test a guess. The text is brought to Unicode form NFC, trimmed, and
// every run of white space in it made one space. The hash is HMAC-SHA256 cut to 128 bits
// (RFC 2104, section 5), in unpadded base64url: 22 characters. An empty text has a hash as well.
func BodyHash(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	for i, word := range strings.Fields(norm.NFC.String(text)) {
		if i > 0 {
			mac.Write([]byte{' '})
		}
		mac.Write([]byte(word))
	}
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(mac.Sum(sum[:0])[:16])
}

// BodyChars returns the length of a message text in Unicode code points.
func BodyChars(text string) int64 { return int64(utf8.RuneCountInString(text)) }

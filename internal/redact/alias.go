package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"unicode"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
)

// aliasKey is the key of pseudonyms: another than that of the hashes of texts, so that neither tells of the other.
func aliasKey(key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("debrief pseudonym 1"))
	return mac.Sum(nil)
}

// appendAlias appends the pseudonym of a value: the rule's word and 64 bits of HMAC-SHA256 (RFC 2104) as
// letters from a to p. The same value has the same pseudonym in a workspace, however it is written: e-mail
// addresses in either case, numbers with and without separators. Letters alone hold nothing that a rule finds.
func appendAlias(dst, key []byte, r pii.Rule, value string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.String()))
	mac.Write([]byte{0})
	mac.Write([]byte(plain(r, value)))
	var sum [sha256.Size]byte
	dst = append(append(dst, r.String()...), '_')
	for _, b := range mac.Sum(sum[:0])[:8] {
		dst = append(dst, 'a'+b>>4, 'a'+b&15)
	}
	return dst
}

// plain brings a value to the one form that its pseudonym is made of.
func plain(r pii.Rule, value string) string {
	switch r {
	case pii.Email:
		return strings.ToLower(value)
	case pii.Card, pii.Phone, pii.SSN:
		return strings.Map(func(c rune) rune {
			if unicode.IsDigit(c) {
				return c
			}
			return -1
		}, value)
	case pii.IBAN:
		return strings.ToUpper(strings.Map(func(c rune) rune {
			if unicode.IsDigit(c) || unicode.IsLetter(c) {
				return c
			}
			return -1
		}, value))
	}
	return value
}

package warehouse

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName bounds a name of a table or column in bytes, as PostgreSQL does.
const MaxName = 63

// Name makes an identifier of what a client calls something, as Segment's warehouses do: lower case, words
// joined by underscores ("conversationId" and "Conversation ID" become conversation_id), one before a leading
// digit. Letters and digits of any script stay. Longer than [MaxName] bytes, its end is a hash of the whole.
// It is empty when there is neither letter nor digit.
func Name(text string) string {
	var b strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap(&b)
			continue
		case unicode.IsUpper(r) && startsWord(runes, i):
			gap(&b)
		case unicode.IsDigit(r) && b.Len() == 0:
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return Bound(strings.TrimRight(b.String(), "_"), MaxName)
}

// gap ends a word.
func gap(b *strings.Builder) {
	if s := b.String(); s != "" && s[len(s)-1] != '_' {
		b.WriteByte('_')
	}
}

// startsWord tells whether the capital at i begins a word: after anything that is none ("userId"), or as the
// last of several before a small letter ("URLPath").
func startsWord(runes []rune, i int) bool {
	if i == 0 {
		return false
	}
	return !unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// Bound cuts text to at most n bytes; what was cut stays told apart by a hash of the whole at the end.
func Bound(text string, n int) string {
	if len(text) <= n {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	const digest = 8 // bytes of the hash, twice as many digits
	return strings.ToValidUTF8(text[:n-2*digest-1], "") + "_" + hex.EncodeToString(sum[:digest])
}

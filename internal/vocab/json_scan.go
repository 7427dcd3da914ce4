package vocab

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The scanner checks JSON by the grammar of RFC 8259. Its functions take the text and an index, and
// return the index behind what they read, or -1 if that is not valid. ADR 0008 says why it is ours.

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// scanKey reads a string and the colon after it; -1 if they are not there.
func scanKey(s string, i int) (Value, int) {
	var v Value
	if i >= len(s) || s[i] != '"' {
		return v, -1
	}
	end := scanString(s, i, &v)
	if end < 0 {
		return v, -1
	}
	v.text = s[i:end]
	end = skipSpace(s, end)
	if end >= len(s) || s[end] != ':' {
		return v, -1
	}
	return v, end + 1
}

// scanValue checks the value at i and returns the index behind it, or -1. It sets escaped and spaced.
func scanValue(s string, i, depth int, v *Value) int {
	if i >= len(s) || depth > maxDepth {
		return -1
	}
	switch s[i] {
	case '"':
		return scanString(s, i, v)
	case '{', '[':
		return scanNested(s, i, depth, v)
	case 't':
		return scanWord(s, i, "true")
	case 'f':
		return scanWord(s, i, "false")
	case 'n':
		return scanWord(s, i, "null")
	}
	return scanNumber(s, i)
}

// scanNested checks an object or array.
func scanNested(s string, i, depth int, v *Value) int {
	open := s[i]
	closing := open + 2 // ']' and '}' are two behind '[' and '{'
	space := func(i int) int {
		j := skipSpace(s, i)
		v.spaced = v.spaced || j != i
		return j
	}
	var inner Value
	i = space(i + 1)
	if i < len(s) && s[i] == closing {
		return i + 1
	}
	for {
		if open == '{' {
			key, after := scanKey(s, i)
			if after < 0 {
				return -1
			}
			v.spaced = v.spaced || len(key.text)+1 != after-i
			v.unpaired = v.unpaired || key.unpaired
			i = space(after)
		}
		if i = scanValue(s, i, depth+1, &inner); i < 0 {
			return -1
		}
		v.spaced = v.spaced || inner.spaced
		v.unpaired = v.unpaired || inner.unpaired
		i = space(i)
		if i >= len(s) {
			return -1
		}
		if s[i] == closing {
			return i + 1
		}
		if s[i] != ',' {
			return -1
		}
		i = space(i + 1)
	}
}

func scanWord(s string, i int, word string) int {
	if !strings.HasPrefix(s[i:], word) {
		return -1
	}
	return i + len(word)
}

// scanString checks a string with its quotes.
func scanString(s string, i int, v *Value) int {
	for i++; i < len(s); i++ {
		for i+8 <= len(s) && plain(s[i:i+8]) {
			i += 8
		}
		if i >= len(s) {
			return -1
		}
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			v.escaped = true
			if i = scanEscape(s, i+1, v); i < 0 {
				return -1
			}
		}
	}
	return -1
}

// plain reports whether eight bytes of a string have no quote, backslash or control character. It looks
// at all of them at once: a byte of x-low has its high bit set, and one of x has not, where x is
// below low; after exclusive-or with a character, where it is that character.
func plain(s string) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, slash := x^low*'"', x^low*'\\'
	return ((x-low*' ')&^x|(quote-low)&^quote|(slash-low)&^slash)&high == 0
}

// scanEscape checks what follows a backslash and returns the index of its last byte, or -1.
func scanEscape(s string, i int, v *Value) int {
	if i >= len(s) {
		return -1
	}
	switch s[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
	default:
		return -1
	}
	r, ok := hex4(s, i+1)
	if !ok {
		return -1
	}
	i += 4
	if !utf16.IsSurrogate(r) {
		return i
	}
	if strings.HasPrefix(s[i+1:], `\u`) {
		if low, ok := hex4(s, i+3); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			return i + 6
		}
	}
	v.unpaired = true
	return i
}

// scanNumber checks a number by the grammar of RFC 8259.
func scanNumber(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	start := i
	if i = scanDigits(s, i); i < 0 || s[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		if i = scanDigits(s, i+1); i < 0 {
			return -1
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		i = scanDigits(s, i)
	}
	return i
}

// scanDigits wants at least one digit.
func scanDigits(s string, i int) int {
	start := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func hex4(s string, i int) (rune, bool) {
	if i+4 > len(s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}

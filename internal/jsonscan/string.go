package jsonscan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// AppendUnquoted appends the value of a string that was scanned without fault: quoted is its text with
// the quotes. What is not Unicode becomes U+FFFD, as encoding/json has it.
func AppendUnquoted(dst, quoted []byte) []byte {
	s := quoted[1 : len(quoted)-1]
	for len(s) > 0 {
		switch c := s[0]; {
		case c == '\\':
			dst, s = appendEscaped(dst, s)
		case c < utf8.RuneSelf:
			dst, s = append(dst, c), s[1:]
		default:
			r, size := utf8.DecodeRune(s)
			dst, s = utf8.AppendRune(dst, r), s[size:]
		}
	}
	return dst
}

// appendEscaped appends the value of the escape that s starts with, and returns the rest of s.
func appendEscaped(dst, s []byte) (out, rest []byte) {
	switch s[1] {
	case 'b':
		return append(dst, '\b'), s[2:]
	case 'f':
		return append(dst, '\f'), s[2:]
	case 'n':
		return append(dst, '\n'), s[2:]
	case 'r':
		return append(dst, '\r'), s[2:]
	case 't':
		return append(dst, '\t'), s[2:]
	case 'u':
	default:
		return append(dst, s[1]), s[2:]
	}
	r, _ := hex4(s[2:])
	rest = s[6:]
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			low, _ := hex4(rest[2:])
			pair = utf16.DecodeRune(r, low)
		}
		if r = pair; pair != utf8.RuneError {
			rest = rest[6:]
		}
	}
	return utf8.AppendRune(dst, r), rest
}

// AppendMended appends text with every byte that is not UTF-8 replaced by U+FFFD.
func AppendMended(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError {
			dst = append(dst, "\ufffd"...)
		} else {
			dst = append(dst, text[:size]...)
		}
		text = text[size:]
	}
	return dst
}

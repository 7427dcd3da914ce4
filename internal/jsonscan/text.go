package jsonscan

import (
	"strings"
	"unicode/utf8"
)

// AppendQuoted appends s as a JSON string. Each byte that is not UTF-8 becomes U+FFFD.
func AppendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0 // what is before it is written
	for i := 0; i < len(s); {
		size := 1
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
		case c == '"' || c == '\\':
			dst = append(append(dst, s[from:i]...), '\\')
			from = i
		case c < ' ':
			dst = append(append(dst, s[from:i]...), '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			from = i + 1
		}
		i += size
	}
	return append(append(dst, s[from:]...), '"')
}

// AppendCompact appends JSON text that was scanned without fault, without the white space between its
// tokens.
func AppendCompact(dst []byte, text string) []byte {
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			dst = append(dst, c)
			i++
			c = text[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		dst = append(dst, c)
	}
	return dst
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

// AppendPaired appends JSON text that was scanned without fault with each escape of half a surrogate pair
// replaced by that of U+FFFD, which is as long. Engines and browsers disagree on what such text means.
func AppendPaired(dst []byte, text string) []byte {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		end, half := i+2, false
		if text[i+1] == 'u' {
			_, end, half = readU(text[i:])
			end += i
		}
		if half {
			dst = append(append(dst, text[:i]...), `\ufffd`...)
		} else {
			dst = append(dst, text[:end]...)
		}
		text = text[end:]
	}
}

package vocab

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape decodes the inside of a JSON string that the scanner has accepted. Half of a surrogate
// pair alone becomes U+FFFD, as in encoding/json.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return string(append(out, s...))
		}
		out = append(out, s[:i]...)
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(s, 0)
			s = s[4:]
			if utf16.IsSurrogate(r) {
				pair := utf8.RuneError
				if strings.HasPrefix(s, `\u`) {
					low, _ := hex4(s, 2)
					pair = utf16.DecodeRune(r, low)
				}
				if pair != utf8.RuneError {
					s = s[6:]
				}
				r = pair
			}
			out = utf8.AppendRune(out, r)
		default: // quote, backslash, slash
			out = append(out, c)
		}
	}
}

// appendCompact appends JSON text without the white space between its tokens.
func appendCompact(dst []byte, s string) []byte {
	inString := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case inString && c == '\\':
			dst = append(dst, c)
			i++
			c = s[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// appendKey appends a decoded key as a JSON string and the colon after it.
func appendKey(dst []byte, key string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"', ':')
}

// pairSurrogates replaces each escape of half a surrogate pair in JSON text that the scanner has
// accepted by that of U+FFFD. Engines and browsers disagree on what such text means.
func pairSurrogates(s string) string {
	out := []byte(s)
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		v := Value{}
		end := scanEscape(s, i+1, &v)
		if v.unpaired {
			copy(out[i:], `\ufffd`)
		}
		i = end
	}
	return string(out)
}

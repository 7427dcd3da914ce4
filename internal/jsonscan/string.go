package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Each byte of a word that is a quote, a backslash, a control character or not ASCII makes the high bit
// of that byte 1; borrows can disturb only bytes behind the first such byte, and the first is all we use.
const (
	ones   = 0x0101010101010101
	highs  = 0x80 * ones
	quotes = '"' * ones
	slants = '\\' * ones
	spaces = ' ' * ones
)

// string passes the string whose opening quote is at i.
func (s *Scanner) string(i int) int {
	text := s.text
	s.escaped = false
	for i++; ; {
		for i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			special := (w | (w - spaces) | ((w ^ quotes) - ones) | ((w ^ slants) - ones)) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) >> 3
				break
			}
			i += 8
		}
		switch c := text[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			s.escaped = true
			next := s.escape(i)
			if s.what != "" {
				return next
			}
			i = next
		case c < ' ':
			return s.fail(i, "a control character in a string; write it as an escape")
		case c < utf8.RuneSelf:
			i++ // near the end of the text, where no whole word is left
		default:
			i = s.wide(i)
		}
	}
}

// StringEnd returns the position behind the string that begins at i of valid JSON, and whether there are
// escapes in it.
func StringEnd(text []byte, i int) (end int, escaped bool) {
	for i++; ; {
		for i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			quote, slant := w^quotes, w^slants
			special := ((quote-ones)&^quote | (slant-ones)&^slant) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) >> 3
				break
			}
			i += 8
		}
		switch text[i] {
		case '"':
			return i + 1, escaped
		case '\\':
			escaped = true
			i += 2
		default:
			i++ // near the end of the text, where no whole word is left
		}
	}
}

// wide passes a run of bytes that are not ASCII.
func (s *Scanner) wide(i int) int {
	text := s.text[:s.end()]
	for i < len(text) && text[i] >= utf8.RuneSelf {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			s.Flawed = true
		}
		i += size
	}
	return i
}

// escape passes the escape at i, both of them where two make a surrogate pair.
func (s *Scanner) escape(i int) int {
	switch s.text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return s.fail(i+1, "a backslash starts no such escape")
	}
	_, size, half := readU(s.text[i:])
	if size == 0 {
		return s.fail(i+2, `\u wants four hexadecimal digits`)
	}
	s.Unpaired = s.Unpaired || half
	return i + size
}

// readU reads the \u escape that text starts with, or two that make a surrogate pair, and their size;
// that is 0 if it is none. Half a pair alone is U+FFFD.
func readU[T string | []byte](text T) (r rune, size int, half bool) {
	r, ok := hex4(text[2:])
	switch {
	case !ok:
		return utf8.RuneError, 0, false
	case !utf16.IsSurrogate(r):
		return r, 6, false
	}
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		low, _ := hex4(text[8:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12, false
		}
	}
	return utf8.RuneError, 6, true
}

// hex4 reads four hexadecimal digits.
func hex4[T string | []byte](text T) (r rune, ok bool) {
	if len(text) < 4 {
		return 0, false
	}
	for i := range 4 {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// AppendUnquoted appends the value of a string that was scanned without fault: quoted is its text with
// the quotes. What is not Unicode becomes U+FFFD, as encoding/json has it.
func AppendUnquoted(dst []byte, quoted string) []byte {
	s := quoted[1 : len(quoted)-1]
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return appendValid(dst, s)
		}
		dst = appendValid(dst, s[:i])
		dst, s = appendEscaped(dst, s[i:])
	}
}

func appendValid(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return append(dst, s...)
	}
	return AppendMended(dst, []byte(s))
}

// appendEscaped appends the value of the escape that s starts with, and returns the rest of s.
func appendEscaped(dst []byte, s string) (out []byte, rest string) {
	c := s[1]
	switch c {
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, size, _ := readU(s)
		return utf8.AppendRune(dst, r), s[size:]
	}
	return append(dst, c), s[2:]
}

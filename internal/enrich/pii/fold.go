package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// folder writes a text with the signs that detectors look for: digits of any script and full-width signs
// in ASCII, all dashes and spaces alike, what is percent-encoded, an HTML entity or an escape of JSON and its like decoded,
// invisible signs left out. It knows where each byte came from.
type folder struct {
	out   []byte
	from  []int32 // where each byte of out began
	until []int32 // and ended
}

func (f *folder) text() string  { return unsafe.String(unsafe.SliceData(f.out), len(f.out)) }
func (f *folder) at(i int) int  { return int(f.from[i]) }
func (f *folder) end(i int) int { return int(f.until[i-1]) }
func (f *folder) put(c byte, from, until int) {
	f.out = append(f.out, c)
	f.from, f.until = append(f.from, int32(from)), append(f.until, int32(until))
}

// apply folds text, and reports whether that changed anything.
func (f *folder) apply(text string) (changed bool) {
	if !f.worth(text) {
		return false
	}
	f.out, f.from, f.until = f.out[:0], f.from[:0], f.until[:0]
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			f.put(unhex(text[i+1])<<4|unhex(text[i+2]), i, i+3)
			i += 3
		case c == '&':
			r, n := entity(text[i:])
			f.put(r, i, i+n)
			i += n
		case c == '\\':
			r, n := escape(text[i:])
			f.rune(text, i, n, r)
			i += n
		case c < utf8.RuneSelf:
			f.put(c, i, i+1)
			i++
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			f.rune(text, i, n, r)
			i += n
		}
	}
	return true
}

// rune puts what the n bytes at i, which mean r, are folded to: themselves, if r is 0 or stands for itself.
func (f *folder) rune(text string, i, n int, r rune) {
	d := r
	if r >= utf8.RuneSelf {
		d = foldRune(r)
	}
	switch {
	case d > 0:
		f.put(byte(d), i, i+n)
	case d < 0: // invisible
	default:
		for k := range n {
			f.put(text[i+k], i, i+n)
		}
	}
}

// worth reports whether folding would change anything.
func (f *folder) worth(text string) bool {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			return true
		case c == '&' && strings.HasPrefix(text[i:], "&#") || strings.HasPrefix(text[i:], "&commat;") || strings.HasPrefix(text[i:], "&plus;"):
			return true
		case c == '\\':
			r, n := escape(text[i:])
			if r != 0 {
				return true
			}
			i += n
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			if foldRune(r) != 0 {
				return true
			}
			i += n
		}
	}
	return false
}

// foldRune returns the ASCII sign that a rune stands for, 0 if it stands for itself, -1 if it is invisible.
func foldRune(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e: // full-width
		return r - 0xff01 + '!'
	case r >= 0x1d7ce && r <= 0x1d7ff: // mathematical digits
		return (r-0x1d7ce)%10 + '0'
	case r == 0x2d || r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == 0xfe58 || r == 0xfe63 || r == 0x2043:
		return '-'
	case r == 0xfe6b:
		return '@'
	case r == 0x2024 || r == 0x3002 || r == 0xff61:
		return '.'
	case r == 0xad || r == 0x34f || r == 0x61c || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e ||
		r >= 0x2060 && r <= 0x2064 || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r >= 0xfe00 && r <= 0xfe0f || r == 0x20e3:
		return -1
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.IsDigit(r):
		return digitOf(r)
	case r >= 0x2460 && r <= 0x2468: // circled
		return r - 0x2460 + '1'
	case r >= 0x2070 && r <= 0x2079 || r >= 0x2080 && r <= 0x2089: // raised, lowered
		return r&15 + '0'
	}
	return 0
}

// digitOf returns the ASCII digit of one of any script: those of a script stand in a row from zero on.
func digitOf(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r-rune(t.Lo))%10 + '0'
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r-rune(t.Lo))%10 + '0'
		}
	}
	return 0
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// entity reads an HTML entity of an ASCII sign.
func entity(t string) (sign byte, n int) {
	for _, e := range [...]struct {
		name string
		sign byte
	}{{"&commat;", '@'}, {"&plus;", '+'}, {"&nbsp;", ' '}, {"&period;", '.'}, {"&hyphen;", '-'}} {
		if strings.HasPrefix(t, e.name) {
			return e.sign, len(e.name)
		}
	}
	if !strings.HasPrefix(t, "&#") {
		return '&', 1
	}
	i, base, v := 2, 10, 0
	if i < len(t) && t[i]|0x20 == 'x' {
		i, base = 3, 16
	}
	from := i
	for ; i < len(t) && i < from+6 && isHex(t[i]) && (base == 16 || isDigit(t[i])); i++ {
		v = v*base + int(unhex(t[i]))
	}
	if i == from || v == 0 || v >= utf8.RuneSelf {
		return '&', 1
	}
	if i < len(t) && t[i] == ';' {
		i++
	}
	return byte(v), i
}

// escape reads what JSON, JavaScript, Go and Python write for a sign, escaped once or several times; r is 0 if it is
// none of theirs. Texts hold such escapes where somebody cut JSON off or quoted it.
func escape(t string) (r rune, n int) {
	for n < len(t) && t[n] == '\\' {
		n++
	}
	if n == len(t) {
		return 0, n
	}
	digits := 0
	switch c := t[n]; c {
	case 'n', 'r':
		return '\n', n + 1
	case 't':
		return '\t', n + 1
	case '"', '\'', '/':
		return rune(c), n + 1
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	default:
		return 0, n
	}
	for i := n + 1; i <= n+digits; i++ {
		if i >= len(t) || !isHex(t[i]) {
			return 0, n
		}
		r = r<<4 | rune(unhex(t[i]))
	}
	return r, n + 1 + digits
}

// Package jsonscan walks over JSON text in one pass, without building values: it checks the grammar,
// tells where values begin and end, and hands out the members of the objects that its caller enters.
//
// It accepts exactly what encoding/json accepts, save that nesting has no bound (callers look at
// [Scanner.Deepest]); encoding/json is the oracle of its tests. It knows nothing of calls or events.
// Package vocab and packages below ingest use it, where the cost of a call counts: see ADR 0008.
package jsonscan

import (
	"fmt"
	"unicode/utf8"
)

// Scanner scans one text. It keeps its first fault: after it, every method returns the end of the text,
// and Enter and Next return false, so that callers look at Err once, at the end.
type Scanner struct {
	// Flawed is set when a string is passed that holds invalid UTF-8, each byte of which encoding/json
	// takes for U+FFFD. Callers clear it and the marks below.
	Flawed bool
	// Unpaired is set when a string is passed that escapes half of a surrogate pair alone, which
	// encoding/json takes for U+FFFD too.
	Unpaired bool
	// Spaced is set when white space is passed.
	Spaced bool
	// Deepest is raised to the depth of each value passed by Value: 0 for a scalar, 1 for [] or {}.
	Deepest int

	text    []byte // the text, and a NUL behind it that stops every loop
	escaped bool   // the last string had a backslash
	what    string // the fault
	at      int    // where
	outer   []uint64
	own     []byte // the text of ResetCopy
}

// Reset makes s scan text from the start, and clears its state. It writes one byte behind text, into
// spare capacity where there is some; text must not change while it is scanned.
func (s *Scanner) Reset(text []byte) {
	*s = Scanner{text: append(text, 0), outer: s.outer[:0], own: s.own}
}

// ResetCopy is Reset for text behind which nothing may be written, such as a part of a log record. It
// scans a copy in memory of its own, which it uses again; positions are those of text.
func (s *Scanner) ResetCopy(text string) {
	own := append(append(s.own[:0], text...), 0)
	*s = Scanner{text: own, outer: s.outer[:0], own: own}
}

// Text returns the scanned text from one position to another.
func (s *Scanner) Text(from, to int) []byte { return s.text[from:to:to] }

// Kind returns the first byte of the value at i.
func (s *Scanner) Kind(i int) byte { return s.text[i] }

// Len returns the length of the text.
func (s *Scanner) Len() int { return s.end() }

// end is the position behind the text.
func (s *Scanner) end() int { return len(s.text) - 1 }

// fail notes the first fault and returns the end of the text.
func (s *Scanner) fail(i int, what string) int {
	if s.what == "" {
		if s.what = what; i >= s.end() {
			i, s.what = s.end(), "the text ends too early"
		}
		s.at = i
	}
	return s.end()
}

// OK reports whether no fault was found so far.
func (s *Scanner) OK() bool { return s.what == "" }

// Err returns nil or a [*SyntaxError].
func (s *Scanner) Err() error {
	if s.what == "" {
		return nil
	}
	e := &SyntaxError{Offset: s.at, What: s.what, Line: 1, Column: 1}
	for i, c := range s.text[:s.at] {
		if c == '\n' {
			e.Line++
			e.Column = 1
		} else if utf8.RuneStart(s.text[i]) {
			e.Column++
		}
	}
	return e
}

// SyntaxError says where a text is not JSON. It quotes nothing of the text.
type SyntaxError struct {
	Offset       int // in bytes
	Line, Column int // from 1; columns count code points
	What         string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// Space returns the position of the first byte from i on that is not white space.
func (s *Scanner) Space(i int) int {
	if s.text[i] > ' ' {
		return i
	}
	return s.space(i)
}

// space is Space where there may be some; apart from it, so that the compiler can inline that.
func (s *Scanner) space(i int) int {
	for ; ; i++ {
		switch s.text[i] {
		case ' ', '\t', '\n', '\r':
			s.Spaced = true
		default:
			return i
		}
	}
}

// End checks that nothing but white space follows from i on.
func (s *Scanner) End(i int) {
	if i = s.Space(i); i != s.end() {
		s.fail(i, "more text follows the value")
	}
}

// Enter goes into the object or array at i. It returns the position of the first key or element and
// true, or the position behind the closing bracket and false.
func (s *Scanner) Enter(i int) (int, bool) {
	closing := s.text[i] + 2 // '{' and '}', '[' and ']' are two apart
	if i = s.Space(i + 1); s.text[i] == closing {
		return i + 1, false
	}
	return i, s.what == ""
}

// Next goes on behind the member or element that ended at i, in the container that the given bracket
// closes. It returns the position of the next key or element and true, or the position behind the
// bracket and false.
func (s *Scanner) Next(i int, closing byte) (int, bool) {
	i = s.Space(i)
	switch s.text[i] {
	case ',':
		return s.Space(i + 1), s.what == ""
	case closing:
		return i + 1, false
	}
	return s.fail(i, expected(closing)), false
}

func expected(closing byte) string {
	if closing == '}' {
		return "expected a comma or } after a member"
	}
	return "expected a comma or ] after an element"
}

// Key reads the key at i. It returns the end of the key and the position of its value. The key's text,
// quotes and all, is Text(i, end).
func (s *Scanner) Key(i int) (end, value int) {
	if s.text[i] != '"' {
		end = s.fail(i, "expected a key in double quotes")
		return end, end
	}
	end = s.string(i)
	colon := s.Space(end)
	if s.text[colon] != ':' {
		end = s.fail(colon, "expected a colon after a key")
		return end, end
	}
	return end, s.Space(colon + 1)
}

// Escaped reports whether the last string or key passed had an escape, so that its text is not its value.
func (s *Scanner) Escaped() bool { return s.escaped }

// Value checks the value at i, with all that is in it, and returns the position behind it.
func (s *Scanner) Value(i int) int {
	switch s.text[i] {
	case '"':
		return s.string(i)
	case '{', '[':
		return s.container(i)
	}
	return s.scalar(i)
}

// container passes an object or array without recursion. The brackets that are open are bits of kinds, 1
// for an object; every 64 levels, the word goes to s.outer.
func (s *Scanner) container(i int) int {
	depth, kinds := 0, uint64(0)
	s.outer = s.outer[:0]
	for {
		c := s.text[i]
		if c == '{' || c == '[' {
			if depth&63 == 0 && depth > 0 {
				s.outer = append(s.outer, kinds)
			}
			kinds = kinds<<1 | uint64(c>>5)&1 // '{' is 0x7b, '[' is 0x5b
			if depth++; depth > s.Deepest {
				s.Deepest = depth
			}
			var more bool
			if i, more = s.Enter(i); more {
				if c == '{' {
					_, i = s.Key(i)
				}
				continue
			}
			if s.what != "" {
				return s.end()
			}
			depth--
			kinds >>= 1
			if depth&63 == 0 && depth > 0 {
				kinds, s.outer = s.outer[len(s.outer)-1], s.outer[:len(s.outer)-1]
			}
		} else if c == '"' {
			i = s.string(i)
		} else {
			i = s.scalar(i)
		}
		for {
			if depth == 0 || s.what != "" {
				return i
			}
			closing := byte(']')
			if kinds&1 == 1 {
				closing = '}'
			}
			var more bool
			if i, more = s.Next(i, closing); more {
				if closing == '}' {
					_, i = s.Key(i)
				}
				break
			}
			depth--
			kinds >>= 1
			if depth&63 == 0 && depth > 0 {
				kinds, s.outer = s.outer[len(s.outer)-1], s.outer[:len(s.outer)-1]
			}
		}
	}
}

func (s *Scanner) scalar(i int) int {
	switch c := s.text[i]; {
	case c == '-' || c >= '0' && c <= '9':
		return s.number(i)
	case c == 't':
		return s.literal(i, "true")
	case c == 'f':
		return s.literal(i, "false")
	case c == 'n':
		return s.literal(i, "null")
	}
	return s.fail(i, "expected a value")
}

func (s *Scanner) literal(i int, word string) int {
	for j := range len(word) {
		if s.text[i+j] != word[j] {
			return s.fail(i+j, "expected a value: true, false or null")
		}
	}
	return i + len(word)
}

// IsNumber reports whether text is a number as JSON writes it, and nothing else.
func IsNumber(text string) bool {
	s := Scanner{text: append(append(make([]byte, 0, 48), text...), 0)} // on the stack, if it is short
	return s.number(0) == s.end() && s.OK()
}

func (s *Scanner) number(i int) int {
	if s.text[i] == '-' {
		i++
	}
	if s.text[i] == '0' {
		i++
	} else if i = s.digits(i); s.what != "" {
		return i
	}
	if s.text[i] == '.' {
		i = s.digits(i + 1)
	}
	if c := s.text[i]; c == 'e' || c == 'E' {
		i++
		if c := s.text[i]; c == '+' || c == '-' {
			i++
		}
		i = s.digits(i)
	}
	return i
}

// digits passes one digit or more.
func (s *Scanner) digits(i int) int {
	if c := s.text[i]; c < '0' || c > '9' {
		return s.fail(i, "expected a digit")
	}
	for i++; s.text[i] >= '0' && s.text[i] <= '9'; i++ {
	}
	return i
}

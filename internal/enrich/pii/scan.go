package pii

import "slices"

// Scanner finds what has a form of its own. It reuses its memory and is for one goroutine; the zero
// value is ready.
type Scanner struct {
	text    string
	hint    Hint
	url     bool // find web addresses too
	found   []Finding
	fold    folder
	groups  [maxGroups]group
	chained chain // the one that is looked at

	// How far the text is known already, so that nothing is read to its end again and again: where the last web
	// address and the last value behind a name end, and up to where there are key signs that are only words.
	urlEnd, valueEnd, plain int
}

// Structured returns the findings of the structured rules but URL, in order, none overlapping. They are
// good until the next call.
func (s *Scanner) Structured(text string, hint Hint) []Finding {
	return s.run(text, hint, false)
}

// WithURLs is Structured with the rule URL.
func (s *Scanner) WithURLs(text string) []Finding { return s.run(text, NoHint, true) }

func (s *Scanner) run(text string, hint Hint, url bool) []Finding {
	s.hint, s.url, s.found = hint, url, s.found[:0]
	strange := s.scan(text)
	if strange && s.fold.apply(text) {
		// The folded text is the same but for how its signs are written, so that its findings are a
		// superset but for rare accidents; both count.
		n := len(s.found)
		s.scan(s.fold.text())
		for i := n; i < len(s.found); i++ {
			f := &s.found[i]
			f.Start, f.End = s.fold.at(f.Start), s.fold.end(f.End)
		}
	}
	if hint == InID {
		s.found = slices.DeleteFunc(s.found, func(f Finding) bool { return partOfID(text, f) })
	}
	if len(s.found) == 0 {
		return nil
	}
	s.found = resolve(s.found)
	return s.found
}

// partOfID reports whether what looks like an account or a document is a piece of a longer id that a machine
// made: the check digits of an account fit one in a hundred. Addresses, keys and cards are found in any id,
// phone numbers by a rule of their own ([chain.apart]).
func partOfID(text string, f Finding) bool {
	switch f.Rule {
	case IBAN, SSN, Licence:
	default:
		return false
	}
	glued := func(c byte) bool { return c > ' ' && c != ':' && c != '=' && c != ',' && c != ';' && c != '"' }
	return f.Start > 0 && glued(text[f.Start-1]) || f.End < len(text) && glued(text[f.End])
}

// The classes of bytes that the scan tells apart.
const (
	classOther = iota
	classLetter
	classDigit
	classAt
	classColon
	classDash
	classStrange // not ASCII, or the beginning of an escape: the text may have to be folded
)

var classes = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9':
			t[c] = classDigit
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			t[c] = classLetter
		case c >= 0x80 || c == '%' || c == '&' || c == '\\':
			t[c] = classStrange
		}
	}
	t['@'], t[':'], t['-'] = classAt, classColon, classDash
	t['('], t['['] = classOther, classOther
	return t
}()

// scan finds what is in text, and reports whether signs of it may be written in another way. What has no end of
// its own but goes on as far as its signs do (a web address, an e-mail address, what stands behind "password") is
// looked at within as well: a number may begin in it and end behind it. [resolve] joins the two.
func (s *Scanner) scan(text string) (strange bool) {
	s.text = text
	s.urlEnd, s.valueEnd, s.plain = 0, 0, 0
	for i := 0; i < len(text); {
		c := text[i]
		switch classes[c] {
		case classLetter:
			if mayStart(text, i) && (i == 0 || classes[text[i-1]] != classDigit) {
				if next := s.word(i); next > i {
					i = next
					continue
				}
			}
			for i++; i < len(text) && classes[text[i]] == classLetter; i++ {
			}
		case classDigit:
			i = s.number(i)
		case classAt:
			s.email(i)
			i++
		case classColon:
			i = s.colon(i)
		case classDash:
			i = s.dash(i)
		case classStrange:
			strange = true
			i++
		default:
			if (c == '(' || c == '[') && i+3 < len(text) && text[i+1]|0x20 == 'a' && text[i+2]|0x20 == 't' {
				s.spelledEmail(i)
			}
			if s.url && c == '.' && i >= s.urlEnd {
				s.domain(i)
			}
			i++
		}
	}
	return strange
}

func (s *Scanner) add(r Rule, start, end int) {
	s.found = append(s.found, Finding{r, start, end})
}

// hasFold reports whether the text from i on begins with a word of lower case letters, whatever its case.
func hasFold(text string, i int, word string) bool {
	if len(text)-i < len(word) {
		return false
	}
	for j := range len(word) {
		c := text[i+j]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[j] {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return classes[c] == classLetter }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool  { return classes[c] == classLetter || c >= '0' && c <= '9' }
func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

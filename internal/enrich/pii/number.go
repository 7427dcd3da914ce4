package pii

// maxGroups bounds the digit groups of one number.
const maxGroups = 24

// group is a run of digits and what stands before it.
type group struct {
	start, end int
	sep        byte // the one sign between the group before and this: ' ', '-', '.', '/', '(', ')'; 'x' of an extension; '*' for several
}

func (g group) len() int { return g.end - g.start }

// chain is groups of digits that may be one number.
type chain struct {
	text       string
	g          []group
	start, end int  // with a plus sign and brackets
	plus       bool // a plus sign stands before
	paren      bool // a bracket opens before
	digits     int  // in all groups
}

// number looks at the digits at i, with those behind them that may belong to the same number, and
// returns where to go on: behind the first of them, as another number may begin at any.
func (s *Scanner) number(i int) int {
	t := s.text
	first := i
	for i++; i < len(t) && isDigit(t[i]); i++ {
	}
	// Digits with a letter on both sides, or on one where they are few, are a part of a name or an id.
	before, after := byte(' '), byte(' ')
	if first > 0 {
		before = t[first-1]
	}
	if i < len(t) {
		after = t[i]
	}
	if n := i - first; isLetter(before) {
		if n >= 2 && first >= 2 && s.iban(first-2) {
			return s.found[len(s.found)-1].End
		}
		if isLetter(after) {
			return i
		}
		if n < 5 { // too few for all but a card whose name is written together with it
			if joins(after) && wordBefore(t, first) {
				if c := s.chain(first); c.digits >= 12 {
					s.card(c)
				}
			}
			return i
		}
	} else if isLetter(after) && after|0x20 != 'x' && n < 9 {
		return i
	}
	if i-first < 4 && !joins(after) && before != '+' && before != ' ' && before != '(' {
		return i
	}
	c := s.chain(first)
	if len(c.g) == 1 && c.digits < 4 && !c.plus {
		return i
	}
	if len(c.g) >= 4 && s.v4(c) {
		return s.found[len(s.found)-1].End
	}
	s.digits(c)
	return i
}

// digits says what a chain begins with.
func (s *Scanner) digits(c *chain) {
	switch {
	case c.digits >= 12 && !c.plus && s.card(c):
	case c.digits < 5 || inUUID(c.text, c.g[0].start):
	case c.digits > 5 && (s.ssn(c) || s.phone(c)): // fewer are neither
	default:
		s.licence(c.text, c.g[0].start, c.g[0].end)
	}
}

// chain reads the groups of digits from i on: one or two separators stand between them.
func (s *Scanner) chain(i int) *chain {
	t := s.text
	c := &s.chained
	*c = chain{text: t, start: i}
	if i > 0 && t[i-1] == '(' {
		c.paren = true
		c.start--
	}
	if c.start > 0 && t[c.start-1] == '+' || c.start > 1 && t[c.start-1] == ' ' && t[c.start-2] == '+' {
		c.plus = true
		for c.start--; t[c.start] != '+'; c.start-- {
		}
		if c.start > 0 && t[c.start-1] == '(' { // (+49) 30 …
			c.paren = true
			c.start--
		}
	}
	sep := byte(0)
	for n := 0; n < maxGroups; n++ {
		from := i
		for i < len(t) && isDigit(t[i]) {
			i++
		}
		s.groups[n] = group{from, i, sep}
		c.digits += i - from
		c.g = s.groups[:n+1]
		next, kind := separator(t, i)
		if next == 0 {
			break
		}
		sep, i = kind, next
	}
	c.end = c.g[len(c.g)-1].end
	return c
}

// separator passes what may stand between two groups of digits at i, and returns where the second begins;
// 0 if no digit follows.
func separator(t string, i int) (next int, kind byte) {
	j := i
	for ; j < len(t) && j-i < 3; j++ {
		switch c := t[j]; c {
		case ' ', '-', '.', '/', '(', ')', '\t':
		case '\n', '\r':
			c = ' '
		default:
			if (c == 'x' || c == 'X') && j == i && i > 0 && j+1 < len(t) && isDigit(t[j+1]) {
				return j + 1, 'x'
			}
			if !isDigit(c) || j == i {
				return 0, 0
			}
			if j-i == 1 {
				return j, t[i]
			}
			return j, mixed(t[i:j])
		}
	}
	if j < len(t) && isDigit(t[j]) && j > i {
		return j, mixed(t[i:j])
	}
	return 0, 0
}

// joins reports whether a sign may stand between two groups of digits.
func joins(c byte) bool {
	switch c {
	case ' ', '-', '.', '/', '(', ')', '\t', '\n', '\r', 'x', 'X':
		return true
	}
	return false
}

// mixed is the kind of several separators: those with a bracket are of phone numbers.
func mixed(sep string) byte {
	kind := byte('*')
	for i := range len(sep) {
		switch sep[i] {
		case '(', ')':
			return sep[i]
		case '\n', '\r':
			kind = '\n'
		}
	}
	return kind
}

// card finds a card number at the beginning of a chain.
func (s *Scanner) card(c *chain) bool {
	t, start := c.text, c.g[0].start
	if start > 0 && isLetter(t[start-1]) && !wordBefore(t, start) {
		return false
	}
	var d [19]byte
	n := 0
	for i, g := range c.g {
		if n+g.len() > len(d) {
			break
		}
		n += copy(d[n:], t[g.start:g.end])
		if n < 12 || g.end < len(t) && isLetter(t[g.end]) {
			continue
		}
		if isCard(d[:n], groupedAsCard(c.g[:i+1])) || i == 0 && luhn(d[:n]) && cardWord(t, start) {
			s.add(Card, start, g.end)
			return true
		}
	}
	return false
}

// groupedAsCard reports whether people write cards in such groups: as many groups as there may be signs, but
// not long and short ones in a mixture, as rows of numbers are.
func groupedAsCard(g []group) bool {
	if len(g) <= 5 {
		for i := range g {
			if g[i].len() < 2 && len(g) > 1 {
				return false
			}
		}
		return true
	}
	for i := 1; i < len(g)-1; i++ {
		if g[i].len() != g[0].len() {
			return false
		}
	}
	return true
}

// isCard reports whether digits are a card number: the prefix and length of an issuer, and the check digit.
func isCard(d []byte, grouped bool) bool {
	if !grouped || d[0] == '0' || d[0] == '7' || d[0] == '1' && d[1] != '8' || !luhn(d) {
		return false
	}
	n := len(d)
	p := func(digits int) int {
		v := 0
		for i := range digits {
			v = v*10 + int(d[i]-'0')
		}
		return v
	}
	switch p1, p2, p4 := p(1), p(2), p(4); {
	case p1 == 4:
		return n == 13 || n == 16 || n == 19
	case p2 >= 51 && p2 <= 55 || p4 >= 2221 && p4 <= 2720:
		return n == 16
	case p2 == 34 || p2 == 37:
		return n == 15
	case p2 == 36 || p2 == 38 || p2 == 39 || p4 >= 3000 && p4 <= 3059 || p4 == 3095:
		return n >= 14 && n <= 19
	case p4 == 1800 || p4 == 2131:
		return n == 15
	case p2 == 35:
		return n >= 16 && n <= 19
	case p4 == 6011 || p2 == 64 || p2 == 65 || p2 == 62 || p2 == 60 || p2 == 81 || p2 == 82:
		return n >= 16 && n <= 19
	case p2 == 50 || p2 >= 56 && p2 <= 58 || p2 == 63 || p2 == 67 || p2 == 22 || p2 == 97:
		return n == 16 || n == 18 || n == 19
	}
	return false
}

func luhn(d []byte) bool {
	sum, double := 0, false
	for i := len(d) - 1; i >= 0; i-- {
		v := int(d[i] - '0')
		if double {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
		double = !double
	}
	return sum%10 == 0 && sum > 0
}

// wordBefore reports whether only letters, two at least, stand directly before i: "card4111…", but not a
// piece of a hash.
func wordBefore(t string, i int) bool {
	j := i
	for j > 0 && isLetter(t[j-1]) {
		j--
	}
	return i-j >= 2 && (j == 0 || !isDigit(t[j-1]))
}

// ssn finds a social security number at the beginning of a chain.
func (s *Scanner) ssn(c *chain) bool {
	t, g := c.text, c.g
	if len(g) >= 3 && g[0].len() == 3 && g[1].len() == 2 && g[2].len() == 4 && g[1].sep == g[2].sep && (g[1].sep == '-' || g[1].sep == ' ' || g[1].sep == '.') &&
		(len(g) == 3 || g[3].sep == '\n' || g[3].sep == ' ') && t[g[0].start:g[0].end] != "000" && t[g[0].start:g[0].end] != "666" && t[g[1].start:g[1].end] != "00" && t[g[2].start:g[2].end] != "0000" && !c.plus {
		if g[1].sep == '-' || near(t, c.start-40, c.start, ssnWords) {
			s.add(SSN, g[0].start, g[2].end)
			return true
		}
	}
	if len(g) >= 1 && g[0].len() == 9 && !c.plus && near(t, c.start-40, c.start, ssnWords) {
		s.add(SSN, g[0].start, g[0].end)
		return true
	}
	return false
}

// licence finds a driving licence number at [start, end) where a word before it says so. Letters in front
// belong to it.
func (s *Scanner) licence(t string, start, end int) {
	if end-start < 5 || !near(t, start-48, start, licenceWords) {
		return
	}
	for start > 0 && isLetter(t[start-1]) {
		start--
	}
	s.add(Licence, start, end)
}

// inUUID reports whether the digits at i are a part of a UUID.
func inUUID(t string, i int) bool {
	if i == 0 || t[i-1] != '-' && !isHex(t[i-1]) {
		return isUUID(t, i)
	}
	start := i
	for start > 0 && i-start < 36 && (isHex(t[start-1]) || t[start-1] == '-') {
		start--
	}
	for ; start <= i; start++ {
		if isUUID(t, start) {
			return true
		}
	}
	return false
}

func isUUID(t string, i int) bool {
	if i+36 > len(t) || t[i+8] != '-' || t[i+13] != '-' || t[i+18] != '-' || t[i+23] != '-' {
		return false
	}
	for j, c := range []byte(t[i : i+36]) {
		if !isHex(c) && !(j == 8 || j == 13 || j == 18 || j == 23) {
			return false
		}
	}
	return true
}

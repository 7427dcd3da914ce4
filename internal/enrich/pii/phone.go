package pii

// phone finds a phone number at the beginning of a chain.
func (s *Scanner) phone(c *chain) bool {
	t, g := c.text, c.g
	if c.start > 0 && (isDigit(t[c.start-1]) || t[c.start-1] == '$' || c.plus && isAlnum(t[c.start-1]) && !c.said(s.hint)) {
		return false
	}
	if g[0].start > 0 && isLetter(t[g[0].start-1]) && !c.plus {
		return false
	}
	n := s.phoneGroups(c)
	if n == 0 {
		return false
	}
	end := g[n-1].end
	// A letter behind it, but for that of an extension, makes it something else.
	if end < len(t) && isLetter(t[end]) && !hasFold(t, end, "x") && !hasFold(t, end, "ext") {
		return false
	}
	s.add(Phone, c.start, extension(t, end))
	return true
}

// phoneGroups says how many of the first groups are a phone number.
func (s *Scanner) phoneGroups(c *chain) int {
	g := c.g
	if c.plus {
		return international(g, 0)
	}
	if isDate(c) {
		return 0
	}
	if n := american(c.text, g); n > 0 {
		return n
	}
	if s.hint == InID && !c.apart() {
		return 0
	}
	first := c.text[g[0].start:g[0].end]
	if len(first) >= 3 && first[0] == '0' && first[1] == '0' && first[2] != '0' {
		if n := international(g, 2); n > 1 || n == 1 && c.said(s.hint) {
			return n
		}
	}
	if first[0] == '0' && len(first) > 1 && first[1] != '0' { // the national prefix of most countries
		if n := national(g); n > 1 {
			return n
		}
		if len(g[0:1]) == 1 && len(first) >= 10 && len(first) <= 11 && s.alone(c) && (!c.denied(s.hint) || c.said(s.hint)) {
			return 1
		}
	}
	if c.paren && len(g) >= 2 && g[1].sep == ')' {
		if n := upTo(g, 7, 12); n > 1 && groupLens(g[1:n], 2, 5) {
			return n
		}
	}
	if n := paired(g); n > 0 && s.alone(c) && !c.denied(s.hint) {
		return n
	}
	if len(first) == 10 && first[0] >= '2' && first[3] >= '2' && s.alone(c) && (!c.denied(s.hint) || c.said(s.hint)) {
		return 1
	}
	if n := upTo(g, 6, 15); n > 0 && (n > 1 || g[0].len() >= 7 && g[0].len() <= 12) && sameLine(g[:n]) && c.said(s.hint) {
		return n
	}
	return 0
}

// international reads groups behind a plus sign or 00, of which skip digits do not count.
func international(g []group, skip int) int {
	total, n := -skip, 0
	for i := range g {
		if i > 0 && (g[i].sep == '\n' || g[i].sep == '*' || g[i].sep == '/' && i > 2) {
			break
		}
		if g[i].sep == 'x' {
			break
		}
		if total+g[i].len() > 15 || i > 6 {
			break
		}
		total += g[i].len()
		n = i + 1
		if total >= 11 && i+1 < len(g) && g[i+1].sep == ' ' && g[i+1].len() > 4 {
			break // another number begins
		}
	}
	if total < 7 {
		return 0
	}
	return n
}

// american reads 3-3-4 digits, perhaps behind a 1, as in the North American numbering plan. The plan's
// narrower rules are not asked: people mistype numbers, and the form is telling.
func american(t string, g []group) int {
	at := 0
	if len(g) >= 4 && g[0].len() == 1 && t[g[0].start] == '1' {
		at = 1
	}
	if len(g) < at+3 || g[at].len() != 3 || g[at+1].len() != 3 || g[at+2].len() != 4 || !sameLine(g[:at+3]) {
		return 0
	}
	if len(g) > at+3 && g[at+3].sep == g[at+2].sep && g[at+3].sep != ' ' { // it goes on: another kind of number
		return 0
	}
	return at + 3
}

// national reads groups of a number with a national prefix: 9 to 12 digits.
func national(g []group) int {
	n := upTo(g, 9, 12)
	if n < 2 || !sameLine(g[:n]) {
		return 0
	}
	for i := 1; i < n; i++ {
		if g[i].len() < 2 {
			return 0
		}
	}
	return n
}

// paired reads numbers without their national prefix as France and Britain group them, 1-2-2-2-2 and 2-4-4,
// which nothing else is grouped as.
func paired(g []group) int {
	lens := func(want ...int) bool {
		if len(g) < len(want) || !sameLine(g[:len(want)]) {
			return false
		}
		for i, n := range want {
			if g[i].len() != n || i > 1 && g[i].sep != g[1].sep {
				return false
			}
		}
		return len(g) == len(want) || g[len(want)].sep != g[1].sep
	}
	switch {
	case lens(1, 2, 2, 2, 2):
		return 5
	case lens(2, 4, 4):
		return 3
	}
	return 0
}

// upTo returns how many groups have between least and most digits, as many as possible; 0 if none do.
func upTo(g []group, least, most int) int {
	total, n := 0, 0
	for i := range g {
		if i > 0 && (g[i].sep == 'x' || g[i].sep == '*' || g[i].sep == '\n') {
			break
		}
		if total += g[i].len(); total > most {
			break
		}
		n = i + 1
	}
	total = 0
	for i := range g[:n] {
		total += g[i].len()
	}
	if total < least {
		return 0
	}
	return n
}

// sameLine reports whether one sign separates each group, a bracket aside.
func sameLine(g []group) bool {
	for i := 1; i < len(g); i++ {
		if g[i].sep == '\n' || g[i].sep == '*' || g[i].sep == 'x' || g[i].sep == '\t' {
			return false
		}
	}
	return true
}

func groupLens(g []group, least, most int) bool {
	for i := range g {
		if g[i].len() < least || g[i].len() > most {
			return false
		}
	}
	return true
}

// isDate reports whether a chain begins with a date: a year with month and day, or two small numbers and a year.
func isDate(c *chain) bool {
	g := c.g
	if len(g) < 3 || g[1].sep != g[2].sep || g[1].sep == ' ' {
		return false
	}
	v := func(i int) int {
		n := 0
		for _, d := range []byte(c.text[g[i].start:g[i].end]) {
			n = n*10 + int(d-'0')
		}
		return n
	}
	small := func(i, most int) bool { return g[i].len() <= 2 && v(i) >= 1 && v(i) <= most }
	year := func(i int) bool { return g[i].len() == 4 && v(i) >= 1900 && v(i) < 2100 }
	return year(0) && small(1, 12) && small(2, 31) || small(0, 31) && small(1, 31) && year(2)
}

// alone reports whether the first group stands for itself, as a word does.
func (s *Scanner) alone(c *chain) bool {
	t, g := c.text, c.g[0]
	if g.start > 0 {
		switch p := t[g.start-1]; {
		case isAlnum(p), p == '-', p == '_', p == '.', p == '/', p == '#', p == '$', p == '+':
			return false
		}
	}
	if g.end < len(t) {
		switch p := t[g.end]; {
		case isAlnum(p), p == '-', p == '_', p == '/', p == '%':
			return false
		case p == '.' && g.end+1 < len(t) && isAlnum(t[g.end+1]):
			return false
		}
	}
	return true
}

// apart reports whether nothing is joined to a chain in an id, but for words that say that it is a phone number:
// ids such as anon-0252-586012 have digits in groups by chance.
func (c *chain) apart() bool {
	joined := func(b byte) bool { return isAlnum(b) || b == '-' || b == '_' }
	if c.end < len(c.text) && joined(c.text[c.end]) {
		return false
	}
	return c.start == 0 || !joined(c.text[c.start-1]) || near(c.text, c.start-36, c.start, phoneWords)
}

// said reports whether words around the chain say that it is a phone number.
func (c *chain) said(hint Hint) bool {
	if hint == InPhone {
		return true
	}
	if hint == InID {
		return false
	}
	return near(c.text, c.start-36, c.start, phoneWords) || near(c.text, c.end, c.end+10, phoneWordsBehind)
}

// denied reports whether words before the chain say that it is something else.
func (c *chain) denied(hint Hint) bool {
	return hint == InID || near(c.text, c.start-32, c.start, otherNumberWords)
}

// extension passes " x123" and " ext. 123".
func extension(t string, i int) int {
	j := i
	if j < len(t) && (t[j] == ' ' || t[j] == ',') {
		j++
	}
	if j < len(t) && t[j] == ' ' {
		j++
	}
	switch {
	case hasFold(t, j, "extension"):
		j += len("extension")
	case hasFold(t, j, "ext"):
		j += len("ext")
	case hasFold(t, j, "x"):
		j++
	default:
		return i
	}
	for j < len(t) && (t[j] == '.' || t[j] == ' ' || t[j] == ':') {
		j++
	}
	from := j
	for j < len(t) && isDigit(t[j]) && j-from < 6 {
		j++
	}
	if j == from || j < len(t) && isAlnum(t[j]) {
		return i
	}
	return j
}

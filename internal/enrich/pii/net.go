package pii

import (
	"net/netip"
	"strings"
)

// v4 finds an address of IPv4 at the beginning of a chain.
func (s *Scanner) v4(c *chain) bool {
	t, g := c.text, c.g
	for i := range 4 {
		if g[i].len() > 3 || i > 0 && g[i].sep != '.' || octet(t[g[i].start:g[i].end]) > 255 {
			return false
		}
	}
	if len(g) > 4 && g[4].sep == '.' {
		return false
	}
	start := g[0].start
	if start > 0 {
		switch p := t[start-1]; {
		case isAlnum(p), p == '.', p == '_':
			return false
		case p == '/': // Chrome/120.0.0.0, but http://10.0.0.1
			if start < 2 || t[start-2] != '/' {
				return false
			}
		}
	}
	if end := g[3].end; end < len(t) && isLetter(t[end]) || near(t, start-10, start, versionWords) {
		return false
	}
	s.add(IP, start, g[3].end)
	return true
}

func octet(s string) int {
	v := 0
	for i := range len(s) {
		v = v*10 + int(s[i]-'0')
	}
	return v
}

// v6Bounds are those of the run of hexadecimal digits and colons around i.
func v6Bounds(t string, i int) (start, end int) {
	start, end = i, i
	for start > 0 && i-start < 40 && (isHex(t[start-1]) || t[start-1] == ':') {
		start--
	}
	for end < len(t) && end-i < 46 && (isHex(t[end]) || t[end] == ':' || t[end] == '.') {
		end++
	}
	for end > start && (t[end-1] == '.' || t[end-1] == ':' && (end-start < 2 || t[end-2] != ':')) {
		end--
	}
	return start, end
}

// isV6 reports whether text is an address, and not only a time or a name with colons.
func isV6(text string) bool {
	if len(text) < 3 || strings.Count(text, ":") < 2 || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is6()
}

// colon looks at the colon at i: it may be within an address of IPv6 or behind the scheme of a URL. It
// returns where to go on.
func (s *Scanner) colon(i int) int {
	t := s.text
	if i+2 < len(t) && t[i+1] == '/' && t[i+2] == '/' {
		s.userInfo(i + 3)
		if s.url && i >= s.urlEnd {
			s.address(i)
		}
		return i + 3
	}
	if i+1 < len(t) && t[i+1] == ':' || i > 0 && isHex(t[i-1]) && i+1 < len(t) && isHex(t[i+1]) && strings.IndexByte(t[i+1:min(len(t), i+6)], ':') >= 0 {
		start, end := v6Bounds(t, i)
		if (start == 0 || !isAlnum(t[start-1])) && (end == len(t) || !isAlnum(t[end])) && isV6(t[start:end]) {
			s.add(IP, start, end)
			return end
		}
	}
	return i + 1
}

// userInfo finds the password in a URL whose authority begins at i.
func (s *Scanner) userInfo(i int) {
	t := s.text
	colon := 0
	for j := i; j < len(t); j++ {
		switch c := t[j]; {
		case c == ':' && colon == 0:
			colon = j
		case c == '@':
			if colon > 0 && colon+1 < j {
				s.add(Secret, colon+1, j)
			}
			return
		case c <= ' ' || c == '/' || c == '?' || c == '#' || c == '"' || c == '<':
			return
		}
	}
}

// address finds a URL with the colon of its scheme at i.
func (s *Scanner) address(i int) {
	t := s.text
	start := i
	for start > 0 && isLetter(t[start-1]) {
		start--
	}
	if start == i {
		return
	}
	end := i
	for end < len(t) && t[end] > ' ' && t[end] < 0x7f && !strings.ContainsRune("\"<>|\\^`{}", rune(t[end])) {
		end++
	}
	for end > start && strings.IndexByte(".,;:!?)'", t[end-1]) >= 0 {
		end--
	}
	s.add(URL, start, end)
	s.urlEnd = end
}

// domain finds a domain without scheme whose first dot may be at i: it begins with www., or ends with a
// well-known top level.
func (s *Scanner) domain(i int) {
	t := s.text
	start := i
	for start > 0 && (isAlnum(t[start-1]) || t[start-1] == '-') {
		start--
	}
	if start == i || start > 0 && (t[start-1] == '.' || t[start-1] == '@' || t[start-1] == '_') || i+1 >= len(t) || !isAlnum(t[i+1]) {
		return
	}
	end := domainEnd(t, start)
	if end == 0 {
		return
	}
	host := strings.ToLower(t[start:end])
	if !strings.HasPrefix(host, "www.") {
		switch host[strings.LastIndexByte(host, '.')+1:] {
		case "com", "org", "net", "edu", "gov", "io", "de", "co", "uk", "fr", "eu", "info", "biz", "ai", "dev", "app":
		default:
			return
		}
	}
	if end < len(t) && t[end] == '/' {
		for end < len(t) && t[end] > ' ' && t[end] < 0x7f && !strings.ContainsRune("\"<>|\\^`{}", rune(t[end])) {
			end++
		}
		for strings.IndexByte(".,;:!?)'", t[end-1]) >= 0 {
			end--
		}
	}
	s.add(URL, start, end)
	s.urlEnd = end
}

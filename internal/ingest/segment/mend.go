package segment

import "github.com/debrief-dev/debrief/internal/jsonscan"

// appendMended appends the outlined text as it can be stored: each byte that is not UTF-8 becomes U+FFFD,
// and of several write keys in one call only the last is left. Other members with the same key stay;
// readers of a call take the last.
func (e *envelope) appendMended(dst []byte) []byte {
	at := 0
	for _, m := range e.spareKeys {
		dst = jsonscan.AppendMended(dst, e.scan.Text(at, int(m.key)))
		at = e.scan.Space(e.scan.Space(int(m.end)) + 1) // a comma follows, as there is a later member
	}
	return jsonscan.AppendMended(dst, e.scan.Text(at, e.scan.Len()))
}

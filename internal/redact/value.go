package redact

import (
	"strings"
	"unsafe"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
	"github.com/debrief-dev/debrief/internal/event"
)

// value redacts a string.
func (p *pass) value(w *writer, f *frame, from, to int, escaped bool, depth int) {
	k := &f.info
	isBody := k.body > 0 && depth == 0 && f.object
	if isBody && (p.seen == 0 || k.body < p.seen) {
		p.seen = k.body
	}
	if to-from == 2 {
		return
	}
	text := p.text(w.in, from, to, escaped, depth)
	out, changed := p.string(text, f, depth)
	if !changed {
		return
	}
	if isBody && (p.changed == 0 || k.body < p.changed) {
		p.body(k.body, text)
	}
	p.put(w, from, to, out)
}

// string says what becomes of a text.
func (p *pass) string(text string, f *frame, depth int) (string, bool) {
	k := &f.info
	if p.mode.Content == Metadata {
		if out, decided, changed := p.metadata(text, f, depth); decided {
			return out, changed
		}
	}
	all := p.mode.Level == All && !k.keep || p.mode.Content == Redacted && k.text
	if p.mode.Level == Off && !all {
		return text, false
	}
	if k.whole != pii.None && p.mode.Level != Off && looksWhole(k.whole, text) {
		p.counts[k.whole]++
		return "[" + k.whole.String() + "]", true
	}
	if all && k.person != pii.None && p.mode.Level == All {
		p.counts[k.person]++
		return "[" + k.person.String() + "]", true
	}
	if out, ok, changed := p.nested(text, depth, f.blank); ok {
		return out, changed
	}
	if k.hint == pii.InID {
		if text == p.plainID {
			return text, false
		}
		found := p.scan.Structured(text, pii.InID)
		if len(found) == 0 {
			return text, false
		}
		return string(p.appendAliases(nil, text, found)), true
	}
	var found []pii.Finding
	if all && (k.text || strings.IndexByte(text, ' ') >= 0) {
		found = p.tagger.All(text)
	} else {
		found = p.scan.Structured(text, k.hint)
	}
	if len(found) == 0 {
		return text, false
	}
	p.count(found)
	return mask(text, found), true
}

// body notes the text of a message before it changes.
func (p *pass) body(rank int8, text string) {
	p.changed, p.chars, p.hash = rank, event.BodyChars(text), p.hasher.Hash(text)
}

// nested redacts JSON within a string.
func (p *pass) nested(text string, depth int, blank bool) (out string, ok, changed bool) {
	if depth >= deepest {
		return "", false, false
	}
	i := 0
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	if i+1 >= len(text) || text[i] != '{' && text[i] != '[' {
		return "", false, false
	}
	p.check.ResetCopy(text)
	s := &p.check
	s.End(s.Value(s.Space(0)))
	if s.Err() != nil {
		return "", false, false
	}
	in := unsafe.Slice(unsafe.StringData(text), len(text)) // walk changes none of it
	b, changed := p.walk(in, depth+1, blank)
	if !changed {
		return text, true, false
	}
	return string(b), true, true
}

// looksWhole reports whether the value of a field is what its name says.
func looksWhole(r pii.Rule, text string) bool {
	digits, spaces := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c <= ' ':
			spaces++
		case c == '[' && i == 0: // masked already, or a list
			return false
		}
	}
	switch r {
	case pii.Secret:
		return spaces == 0 && len(text) >= 3 || spaces <= 2 && len(text) >= 16 && digits > 0
	case pii.Card:
		return digits >= 12
	case pii.Phone:
		return digits >= 6 && digits <= 16 && len(text) < 40
	case pii.SSN:
		return digits >= 7 && len(text) < 20
	case pii.IBAN:
		return digits >= 6 && len(text) < 45
	}
	return digits >= 4 && len(text) < 30
}

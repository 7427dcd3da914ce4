package redact

import "strings"

// longestWord bounds the words that metadata mode keeps of fields that it does not know.
const longestWord = 64

// metadata says what is left of a text that is not to be kept: nothing, or what is no text. It has not decided
// where other rules have to.
func (p *pass) metadata(text string, f *frame, depth int) (out string, decided, changed bool) {
	k := &f.info
	drop := func() (string, bool, bool) {
		p.counts[textRule]++
		return "", true, true
	}
	if out, ok, changed := p.nested(text, depth, f.blank || k.text); ok {
		return out, true, changed
	}
	switch {
	case f.blank && !structural(k):
		return drop()
	case k.text, k.person != 0, k.whole != 0:
		return drop()
	case k.keep:
		if i := strings.IndexAny(text, "?#"); i >= 0 && strings.Contains(text[:i], "://") { // questions are asked in addresses too
			return p.cut(text[:i], f)
		}
		if len(text) > 4*longestWord {
			return drop()
		}
		return "", false, false
	case isWord(text):
		return "", false, false
	}
	return drop()
}

// cut keeps the beginning of an address, masked as any text.
func (p *pass) cut(text string, f *frame) (string, bool, bool) {
	p.counts[textRule]++
	if p.mode.Level == Off {
		return text, true, true
	}
	found := p.scan.Structured(text, f.info.hint)
	p.count(found)
	return mask(text, found), true, true
}

// structural reports whether a field within a text says how the text is put together: who speaks, what kind of part it is.
func structural(k *keyInfo) bool { return k.keep && k.person == 0 }

// isWord reports whether text is a word as programs write it: no space, ASCII, not long.
func isWord(text string) bool {
	if len(text) > longestWord {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.', c == ':', c == '/':
		default:
			return false
		}
	}
	return true
}

package redact

import (
	"unsafe"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Text is the word under which texts are counted that metadata mode did not keep.
const Text = "text"

const (
	textRule = iota + 20 // behind pii's
	maxRules
)

// deepest is how many levels of JSON within strings are looked into; deeper ones are plain text.
const deepest = 4

// keepBytes is the size above which buffers are let go after use.
const keepBytes = 1 << 20

// pass is one call under way. It is for one goroutine, and used again.
type pass struct {
	r      *Redactor
	scan   pii.Scanner
	tagger *pii.Tagger
	check  jsonscan.Scanner
	mode   Mode
	counts [maxRules]int
	texts  [deepest + 1][]byte // unquoted strings, by depth of JSON in strings
	quoted []byte              // what is put in the place of a string
	hasher *event.BodyHasher
	stacks [deepest + 1][]frame

	seen, changed int8 // the best rank of a body, and of one that was changed
	chars         int64
	hash          string
	identifies    bool   // an identify call: its properties are traits where it has none (properties_as_traits)
	plainID       string // the call's own, if nothing is found in it: most calls say it again in their JSON
}

func newPass(r *Redactor) *pass {
	return &pass{r: r, tagger: pii.NewTagger(), hasher: event.NewBodyHasher(r.key)}
}

// letGo drops what the pass knows of the call, and large buffers.
func (p *pass) letGo() {
	for i := range p.texts {
		if cap(p.texts[i]) > keepBytes {
			p.texts[i] = nil
		}
	}
	if cap(p.quoted) > keepBytes {
		p.quoted = nil
	}
	p.hash, p.plainID = "", ""
}

// call redacts one call.
func (p *pass) call(mode Mode, c *event.Raw) {
	p.mode, p.counts, p.seen, p.changed = mode, [maxRules]int{}, 0, 0
	p.plainID, p.identifies = "", c.Type == "identify"
	if mode.Level != Off {
		if id, changed := p.id(c.ID); changed {
			c.ID = id
		} else {
			p.plainID = id
		}
	}
	if len(c.JSON) > 0 {
		if out, changed := p.walk(c.JSON, 0, false); changed {
			c.JSON = out
		}
		if p.changed > 0 && p.changed == p.seen {
			c.BodyChars, c.BodyHash = p.chars, p.hash
		}
	}
	if mode.Level != Off {
		if c.IP != "" {
			c.IP = "[ip]"
			p.counts[pii.IP]++
		}
		if c.UserAgent != "" {
			c.UserAgent = p.masked(c.UserAgent, pii.NoHint)
		}
		if c.Reject != nil {
			c.Reject.Message = p.masked(c.Reject.Message, pii.NoHint)
		}
	}
	for i, n := range p.counts {
		if n > 0 {
			c.Masked = append(c.Masked, event.Masked{Rule: ruleName(i), N: n})
		}
	}
}

func ruleName(i int) string {
	if i == textRule {
		return Text
	}
	return pii.Rule(i).String()
}

// masked masks what the structured rules find.
func (p *pass) masked(text string, hint pii.Hint) string {
	found := p.scan.Structured(text, hint)
	p.count(found)
	return mask(text, found)
}

func (p *pass) count(found []pii.Finding) {
	for _, f := range found {
		p.counts[f.Rule]++
	}
}

// id puts pseudonyms in the place of what the structured rules find in an id.
func (p *pass) id(id string) (string, bool) {
	found := p.scan.Structured(id, pii.InID)
	if len(found) == 0 {
		return id, false
	}
	return string(p.appendAliases(nil, id, found)), true
}

func (p *pass) appendAliases(dst []byte, text string, found []pii.Finding) []byte {
	p.count(found)
	at := 0
	for _, f := range found {
		dst = append(dst, text[at:f.Start]...)
		dst = appendAlias(dst, p.r.alias, f.Rule, text[f.Start:f.End])
		at = f.End
	}
	return append(dst, text[at:]...)
}

// alias is the bytes as a string that shares them.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

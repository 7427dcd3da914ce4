package redact

import (
	"strconv"
	"strings"
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

// frame is one object or array that is open.
type frame struct {
	object bool
	area   area
	next   area // of the object that is the next value
	blank  bool // metadata mode: nothing free is kept below
	pieces bool // its names are pieces of a token
	// piecesInside is so of the object that is the next value.
	piecesInside bool
	info         keyInfo // of the member or the array
}

// area is the part of a call.
type area uint8

const (
	areaCall area = iota
	areaProperties
	areaContext
	areaTraits // of the call or of its context
	areaInside // an object further in
)

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

// writer copies a text with parts of it replaced. Nothing is copied before the first.
type writer struct {
	in  []byte
	out []byte
	at  int
}

func (w *writer) replace(from, to int, by []byte) {
	if w.out == nil {
		w.out = make([]byte, 0, len(w.in)+len(by)+64)
	}
	w.out = append(append(w.out, w.in[w.at:from]...), by...)
	w.at = to
}

// walk redacts valid JSON, and returns what it became and whether it changed. depth is how many strings it
// is within. All of it is passed in a single loop; the result is memory of its own.
func (p *pass) walk(in []byte, depth int, blank bool) ([]byte, bool) {
	w := writer{in: in}
	stack := p.stacks[depth][:0]
	top := frame{area: areaInside, blank: blank}
	if depth == 0 {
		top.area = areaCall
	}
	for i := 0; i < len(in); {
		switch c := in[i]; c {
		case '{', '[':
			stack = append(stack, top)
			top = p.enter(top, c == '{', len(stack))
			i++
		case '}', ']':
			top, stack = stack[len(stack)-1], stack[:len(stack)-1]
			i++
		case '"':
			end, escaped := jsonscan.StringEnd(in, i)
			if top.object {
				if j := skipSpace(in, end); j < len(in) && in[j] == ':' {
					p.key(&w, &top, i, end, escaped, depth)
					i = j + 1
					continue
				}
			}
			p.value(&w, &top, i, end, escaped, depth)
			i = end
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			end := i + 1
			for end < len(in) && (in[end] >= '0' && in[end] <= '9' || in[end] == '.' || in[end]|0x20 == 'e' || in[end] == '+' || in[end] == '-') {
				end++
			}
			p.number(&w, &top, i, end)
			i = end
		default:
			i++
		}
	}
	p.stacks[depth] = stack[:0]
	if w.out == nil {
		return in, false
	}
	return append(w.out, in[w.at:]...), true
}

// enter is the frame within a value; depth is how many are open with it.
func (p *pass) enter(outer frame, object bool, depth int) frame {
	f := frame{object: object, area: outer.next, blank: outer.blank, info: outer.info, pieces: outer.piecesInside}
	if depth == 1 {
		f.area = outer.area
	}
	if p.mode.Content == Metadata && outer.info.text {
		f.blank = true
	}
	if !object {
		return f
	}
	f.info = keyInfo{}
	return f
}

func skipSpace(in []byte, i int) int {
	for i < len(in) && (in[i] == ' ' || in[i] == '\t' || in[i] == '\n' || in[i] == '\r') {
		i++
	}
	return i
}

// text returns the value of the string at [from, to) of in, quotes and all.
func (p *pass) text(in []byte, from, to int, escaped bool, depth int) string {
	if !escaped {
		return alias(in[from+1 : to-1])
	}
	p.texts[depth] = jsonscan.AppendUnquoted(p.texts[depth][:0], alias(in[from:to]))
	return alias(p.texts[depth])
}

// key masks what is personal in a key, and notes what it says of its value.
func (p *pass) key(w *writer, f *frame, from, to int, escaped bool, depth int) {
	text := p.text(w.in, from, to, escaped, depth)
	f.info, f.next, f.piecesInside = classify(text), areaInside, false
	switch f.area {
	case areaCall:
		switch text {
		case "properties":
			if f.next = areaProperties; p.identifies {
				f.next = areaTraits
			}
		case "traits":
			f.next = areaTraits
		case "context":
			f.next = areaContext
		}
	case areaContext:
		if text == "traits" {
			f.next = areaTraits
		}
	case areaProperties:
		if text == "$llm_message" { // Amplitude's text of a message is in an object
			f.next = areaProperties
		}
	case areaTraits:
		switch text {
		case "name":
			f.info = keyInfo{person: pii.Person}
		case "email": // it says who somebody is, as an id does (ADR 0014)
			f.info = keyInfo{hint: pii.InID, keep: true}
		}
	}
	if f.area != areaCall && f.area != areaProperties {
		f.info.body = 0
	}
	if p.mode.Level == Off || plainName(text) && !f.pieces {
		return
	}
	found := p.scan.Structured(text, pii.NoHint)
	if f.pieces && len(found) == 0 {
		found = []pii.Finding{{Rule: pii.Secret, End: len(text)}}
	}
	if len(found) > 0 {
		p.count(found)
		p.put(w, from, to, mask(text, found))
	}
	f.piecesInside = f.pieces || strings.Contains(text, tokenHead)
}

// tokenHead is how a JSON Web Token begins (RFC 7519: the base64 of {"). Doors that read "a.b.c" in a query
// string as names within names take a token apart at its dots, and its other pieces have no form of
// their own: names below one that begins so are masked.
const tokenHead = "eyJ"

// plainName reports whether a name is short and of letters alone, in which nothing can be found.
func plainName(text string) bool {
	const longest = 18
	if len(text) > longest {
		return false
	}
	for i := range len(text) {
		if c := text[i] | 0x20; (c < 'a' || c > 'z') && text[i] != '_' {
			return false
		}
	}
	return true
}

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

// put puts a text in the place of a string.
func (p *pass) put(w *writer, from, to int, text string) {
	p.quoted = jsonscan.AppendQuoted(p.quoted[:0], text)
	w.replace(from, to, p.quoted)
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

// number redacts a number.
func (p *pass) number(w *writer, f *frame, from, to int) {
	k := &f.info
	isBody := k.body > 0 && f.object
	if isBody && (p.seen == 0 || k.body < p.seen) {
		p.seen = k.body
	}
	if p.mode.Content == Metadata && (f.blank && !structural(k) || k.text) {
		by := "null"
		if isBody {
			p.body(k.body, alias(w.in[from:to]))
			by = `""`
		}
		p.counts[textRule]++
		w.replace(from, to, []byte(by))
		return
	}
	if p.mode.Level == Off || to-from < 3 && k.whole == pii.None {
		return
	}
	text := alias(w.in[from:to])
	if strings.ContainsAny(text, ".eE") {
		if to-from < 10 {
			return
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v != float64(int64(v)) || v < 1e11 || v >= 1e19 {
			return
		}
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	rule := pii.None
	switch {
	case k.whole == pii.Secret && string(w.in[from:to]) != "0" && to-from >= 3 && to-from <= 12, k.whole != pii.None && k.whole != pii.Secret && looksWhole(k.whole, text):
		rule = k.whole
	case len(text) >= 12:
		for _, found := range p.scan.Structured(text, pii.InID) {
			rule = found.Rule
		}
	}
	if rule == pii.None {
		return
	}
	p.counts[rule]++
	if isBody && (p.changed == 0 || k.body < p.changed) {
		p.body(k.body, alias(w.in[from:to]))
	}
	by := []byte{'"'}
	if k.hint == pii.InID {
		by = appendAlias(by, p.r.alias, rule, text)
	} else {
		by = append(append(append(by, '['), rule.String()...), ']')
	}
	w.replace(from, to, append(by, '"'))
}

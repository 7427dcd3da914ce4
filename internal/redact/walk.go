package redact

import "github.com/debrief-dev/debrief/internal/jsonscan"

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

// put puts a text in the place of a string.
func (p *pass) put(w *writer, from, to int, text string) {
	p.quoted = jsonscan.AppendQuoted(p.quoted[:0], text)
	w.replace(from, to, p.quoted)
}

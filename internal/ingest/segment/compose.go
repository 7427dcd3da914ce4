package segment

import (
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// composer makes the JSON that is stored out of the text of a call: without its writeKey, with the
// context and integrations of its batch merged under its own.
type composer struct {
	env    *envelope
	arena  []byte // what was composed; slices of it stay good when it grows
	merged merger
}

// edit replaces a part of the text.
type edit struct {
	start, end int32
	by         []byte
}

// compose returns the JSON of c: a part of the text where nothing is to change, else of the arena.
func (p *composer) compose(c *call) []byte {
	var edits [3]edit
	n := 0
	add := func(e edit) {
		i := n
		for ; i > 0 && edits[i-1].start > e.start; i-- {
			edits[i] = edits[i-1]
		}
		edits[i] = e
		n++
	}
	if m := c.fields[fieldWriteKey]; m.present() {
		add(p.without(m))
	}
	front := [2]member{}
	for i, f := range [2]field{fieldContext, fieldIntegrations} {
		shared := p.env.context
		if f == fieldIntegrations {
			shared = p.env.integrations
		}
		if !shared.present() {
			continue
		}
		own := c.fields[f]
		switch {
		case !own.present():
			front[i] = shared
		case p.env.scan.Kind(int(own.start)) == 'n':
			add(edit{own.start, own.end, p.text(shared.start, shared.end)})
		case p.env.scan.Kind(int(own.start)) == '{':
			add(edit{own.start, own.end, p.merged.merge(p.text(shared.start, shared.end), p.text(own.start, own.end))})
		}
	}
	if n == 0 && !front[0].present() && !front[1].present() {
		return p.text(c.start, c.end)
	}
	return p.write(c, front, edits[:n])
}

func (p *composer) text(start, end int32) []byte { return p.env.scan.Text(int(start), int(end)) }

// write copies the call with members put in front and edits made. The edits are in order.
func (p *composer) write(c *call, front [2]member, edits []edit) []byte {
	from := len(p.arena)
	out := append(p.arena, '{')
	at := c.start + 1
	for _, m := range front {
		if m.present() {
			out = append(append(out, p.text(m.key, m.end)...), ',')
		}
	}
	bare := len(out)
	for _, e := range edits {
		out = append(out, p.text(at, e.start)...)
		out = append(out, e.by...)
		at = e.end
	}
	out = append(out, p.text(at, c.end)...)
	if out[bare-1] == ',' && isEmpty(out[bare:]) {
		out = append(out[:bare-1], '}') // nothing follows what was put in front
	}
	p.arena = out
	return out[from:len(out):len(out)]
}

// isEmpty reports whether the inside of an object, closing bracket included, has no member.
func isEmpty(inside []byte) bool {
	for _, b := range inside {
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return b == '}'
		}
	}
	return true
}

// without is the edit that takes a member away, with the comma that stands behind or before it.
func (p *composer) without(m member) edit {
	s := &p.env.scan
	behind := s.Space(int(m.end))
	if s.Kind(behind) == ',' {
		return edit{start: m.key, end: int32(s.Space(behind + 1))}
	}
	before := int(m.key) - 1
	for s.Kind(before) != ',' && s.Kind(before) != '{' {
		before--
	}
	if s.Kind(before) == '{' {
		before++
	}
	return edit{start: int32(before), end: m.end}
}

// merger merges objects deeply. The rare case: an SDK sends a context with the batch or with the call.
type merger struct{ out []byte }

// merge returns over with the members of base that it lacks; objects that both have are merged in turn.
// The result is good for ever, the arguments are not changed.
func (m *merger) merge(base, over []byte) []byte {
	m.out = make([]byte, 0, len(base)+len(over))
	m.objects(base, over)
	return m.out
}

// objects appends the merger of two objects. Of members with the same key the last counts.
func (m *merger) objects(base, over []byte) {
	baseMembers, overMembers := readMembers(base), readMembers(over)
	m.out = append(m.out, '{')
	first := true
	put := func(key []byte) {
		if !first {
			m.out = append(m.out, ',')
		}
		first = false
		m.out = append(append(m.out, key...), ':')
	}
	for _, o := range overMembers.list {
		if overMembers.last[o.name] != o.at {
			continue
		}
		put(o.key)
		b, ok := baseMembers.find(o.name)
		if ok && b.value[0] == '{' && o.value[0] == '{' {
			m.objects(b.value, o.value)
		} else {
			m.out = append(m.out, o.value...)
		}
	}
	for _, b := range baseMembers.list {
		if _, ok := overMembers.last[b.name]; ok || baseMembers.last[b.name] != b.at {
			continue
		}
		put(b.key)
		m.out = append(m.out, b.value...)
	}
	m.out = append(m.out, '}')
}

// namedMember is a member of an object that is merged.
type namedMember struct {
	at         int
	name       string
	key, value []byte
}

// memberList is the members of an object, and for each name the index of the last.
type memberList struct {
	list []namedMember
	last map[string]int
}

func (l *memberList) find(name string) (namedMember, bool) {
	i, ok := l.last[name]
	if !ok {
		return namedMember{}, false
	}
	return l.list[i], true
}

func readMembers(object []byte) memberList {
	var s jsonscan.Scanner
	s.Reset(object[:len(object):len(object)])
	l := memberList{last: map[string]int{}}
	i, more := s.Enter(0)
	for more {
		key := i
		keyEnd, start := s.Key(i)
		end := s.Value(start)
		n := namedMember{at: len(l.list), key: s.Text(key, keyEnd), value: s.Text(start, end)}
		n.name = string(jsonscan.AppendUnquoted(nil, alias(n.key)))
		l.last[n.name] = n.at
		l.list = append(l.list, n)
		i, more = s.Next(end, '}')
	}
	return l
}

package segment

import (
	"slices"

	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// maxDepth is the nesting of a stored call: what [event.Raw] promises to its readers.
const maxDepth = 256

// member is where a member of an object stands in the text. A zero member is absent.
type member struct{ key, start, end int32 }

func (m member) present() bool { return m.end != 0 }

// clientFacts is what decides whether the server may fill in address and user agent.
type clientFacts struct {
	ip, userAgent bool // sent by the client, not null
	direct        bool
	library       member // its name
}

// call is one call found in the text.
type call struct {
	start, end int32
	isObject   bool
	flawed     bool // see [jsonscan.Scanner]
	tooDeep    bool
	members    int32 // of properties or traits, the more; counted only where they are bounded
	fields     [fields]member
	facts      clientFacts
}

// envelope is the outline of a request's text: its calls, and what is said once for all of them.
type envelope struct {
	scan         jsonscan.Scanner
	countMembers bool
	key          []byte // of a member, unescaped

	calls        []call
	surplus      int // calls beyond the bound, passed over
	hasBatch     bool
	badBatch     bool
	writeKey     member
	sentAt       member
	context      member
	integrations member
	facts        clientFacts
	tooDeep      bool // the batch's own context or integrations
	flawed       bool
	spareKeys    []member // writeKey members of calls that a later one overrides
}

// reset prepares e for another text.
func (e *envelope) reset(text []byte) {
	e.scan.Reset(text)
	*e = envelope{scan: e.scan, countMembers: e.countMembers, key: e.key[:0], calls: e.calls[:0], spareKeys: e.spareKeys[:0]}
}

// readSingle outlines the text of a single-event route.
func (e *envelope) readSingle(text []byte) *ingest.Failure {
	e.reset(text)
	i := e.scan.Space(0)
	if e.scan.Kind(i) == '{' {
		i = e.call(i)
		c := &e.calls[0]
		e.writeKey, e.sentAt, e.flawed = c.fields[fieldWriteKey], c.fields[fieldSentAt], c.flawed
	} else {
		i = e.scan.Value(i)
	}
	e.scan.End(i)
	return e.verdict()
}

// readBatch outlines the text of a batch route. It passes over calls beyond max.
func (e *envelope) readBatch(text []byte, max int) *ingest.Failure {
	e.reset(text)
	i := e.scan.Space(0)
	if e.scan.Kind(i) == '{' {
		i = e.batch(i, max)
	} else {
		e.badBatch = true
		i = e.scan.Value(i)
	}
	e.scan.End(i)
	if f := e.verdict(); f != nil {
		return f
	}
	switch {
	case e.badBatch || !e.hasBatch:
		return &ingest.Failure{Status: 400, Code: "invalid_batch", Message: `the body must be an object with an array named "batch"`}
	case e.tooDeep:
		return &ingest.Failure{Status: 400, Code: "invalid_batch", Message: "the context or integrations of the batch are nested too deep"}
	}
	return nil
}

func (e *envelope) verdict() *ingest.Failure {
	if err := e.scan.Err(); err != nil {
		if e.scan.Kind(0) == 0x1f { // how gzip begins
			return &ingest.Failure{Status: 400, Code: "invalid_json", Message: "the body looks like gzip; say so with Content-Encoding: gzip"}
		}
		return &ingest.Failure{Status: 400, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error()}
	}
	if !e.hasBatch && !e.badBatch && len(e.calls) == 0 && e.scan.Kind(e.scan.Space(0)) != '{' {
		return &ingest.Failure{Status: 400, Code: "invalid_json", Message: "the body must be one JSON object"}
	}
	return nil
}

// keyText returns the value of the key between two positions.
func (e *envelope) keyText(start, end int) []byte {
	if !e.scan.OK() {
		return nil
	}
	if !e.scan.Escaped() {
		return e.scan.Text(start+1, end-1)
	}
	e.key = jsonscan.AppendUnquoted(e.key[:0], alias(e.scan.Text(start, end)))
	return e.key
}

// batch outlines the object at i of a batch route.
func (e *envelope) batch(i, max int) int {
	s := &e.scan
	i, more := s.Enter(i)
	for more {
		key := i
		keyEnd, start := s.Key(i)
		name := e.keyText(key, keyEnd)
		s.Deepest = 0
		var end int
		switch string(name) {
		case "batch":
			end = e.items(start, max)
		case "context":
			e.facts = clientFacts{}
			end = e.contextAt(start, &e.facts)
			e.context = e.whole(key, start, end)
		case "integrations":
			end = s.Value(start)
			e.integrations = e.whole(key, start, end)
		default:
			end = s.Value(start)
			switch string(name) {
			case "writeKey":
				e.writeKey = member{int32(key), int32(start), int32(end)}
			case "sentAt":
				e.sentAt = member{int32(key), int32(start), int32(end)}
			}
		}
		i, more = s.Next(end, '}')
	}
	e.flawed = e.flawed || s.Flawed
	return i
}

// whole notes a member of the batch that every call takes over; only an object can be merged.
func (e *envelope) whole(key, start, end int) member {
	if e.scan.Kind(start) != '{' {
		return member{}
	}
	e.tooDeep = e.tooDeep || e.scan.Deepest+1 > maxDepth
	return member{int32(key), int32(start), int32(end)}
}

// items outlines the calls in the array at i. A second array replaces the first.
func (e *envelope) items(i, max int) int {
	s := &e.scan
	e.hasBatch, e.badBatch = true, false
	e.calls, e.surplus = e.calls[:0], 0
	if s.Kind(i) != '[' {
		e.badBatch = s.Kind(i) != 'n' // null, as Go writes an empty slice
		return s.Value(i)
	}
	i, more := s.Enter(i)
	for more {
		switch {
		case len(e.calls) == max:
			e.surplus++
			i = s.Value(i)
		case s.Kind(i) == '{':
			i = e.call(i)
		default:
			start := i
			i = s.Value(i)
			e.calls = append(e.calls, call{start: int32(start), end: int32(i)})
		}
		i, more = s.Next(i, ']')
	}
	return i
}

// call outlines the call at i.
func (e *envelope) call(i int) int {
	s := &e.scan
	n := len(e.calls)
	e.calls = slices.Grow(e.calls, 1)[:n+1]
	c := &e.calls[n]
	*c = call{start: int32(i), isObject: true}
	e.flawed, s.Flawed, s.Deepest = e.flawed || s.Flawed, false, 0
	i, more := s.Enter(i)
	for more {
		key := i
		keyEnd, start := s.Key(i)
		f := fieldOf(e.keyText(key, keyEnd))
		var end int
		switch {
		case f == fieldContext:
			c.facts = clientFacts{}
			end = e.contextAt(start, &c.facts)
		case e.countMembers && (f == fieldProperties || f == fieldTraits):
			end = e.counted(start, &c.members)
		default:
			end = s.Value(start)
		}
		if f != fieldNone {
			if f == fieldWriteKey && c.fields[f].present() {
				e.spareKeys = append(e.spareKeys, c.fields[f])
			}
			c.fields[f] = member{int32(key), int32(start), int32(end)}
		}
		i, more = s.Next(end, '}')
	}
	c.end = int32(i)
	c.tooDeep = s.Deepest+1 > maxDepth
	c.flawed = s.Flawed
	e.flawed = e.flawed || s.Flawed
	return i
}

// contextAt reads the context at i as far as it says what the client is.
func (e *envelope) contextAt(i int, facts *clientFacts) int {
	s := &e.scan
	if s.Kind(i) != '{' {
		return s.Value(i)
	}
	before := s.Deepest
	s.Deepest = 0
	i, more := s.Enter(i)
	for more {
		key := i
		keyEnd, start := s.Key(i)
		name := e.keyText(key, keyEnd)
		var end int
		switch string(name) {
		case "ip":
			facts.ip = s.Kind(start) != 'n'
			end = s.Value(start)
		case "userAgent":
			facts.userAgent = s.Kind(start) != 'n'
			end = s.Value(start)
		case "direct":
			facts.direct = s.Kind(start) == 't'
			end = s.Value(start)
		case "library":
			end = e.libraryAt(start, facts)
		default:
			end = s.Value(start)
		}
		i, more = s.Next(end, '}')
	}
	s.Deepest = max(before, s.Deepest+1)
	return i
}

// libraryAt reads the name of the library at i.
func (e *envelope) libraryAt(i int, facts *clientFacts) int {
	s := &e.scan
	if s.Kind(i) != '{' {
		return s.Value(i)
	}
	before := s.Deepest
	s.Deepest = 0
	i, more := s.Enter(i)
	for more {
		key := i
		keyEnd, start := s.Key(i)
		isName := string(e.keyText(key, keyEnd)) == "name" && s.Kind(start) == '"'
		end := s.Value(start)
		if isName {
			facts.library = member{int32(key), int32(start), int32(end)}
		}
		i, more = s.Next(end, '}')
	}
	s.Deepest = max(before, s.Deepest+1)
	return i
}

// counted passes the value at i and raises n to the number of its members.
func (e *envelope) counted(i int, n *int32) int {
	s := &e.scan
	if s.Kind(i) != '{' {
		return s.Value(i)
	}
	before, count := s.Deepest, int32(0)
	s.Deepest = 0
	i, more := s.Enter(i)
	for more {
		_, start := s.Key(i)
		i, more = s.Next(s.Value(start), '}')
		count++
	}
	*n = max(*n, count)
	s.Deepest = max(before, s.Deepest+1)
	return i
}

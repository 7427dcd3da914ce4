package plan

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// document is a call, taken apart at its first level. What is below is decoded when a rule asks.
type document struct {
	scan    jsonscan.Scanner
	members []part
}

// part is one member of a call.
type part struct {
	key        string
	start, end int
}

var (
	errNoObject = errors.New("the call is no JSON object")
	errDeep     = errors.New("the call is nested too deeply")
)

// read takes a call apart. The scanner writes behind its text, so it works on a copy.
func (d *document) read(call []byte) error {
	d.scan.ResetCopy(string(call))
	s := &d.scan
	i := s.Space(0)
	if i >= s.Len() || s.Kind(i) != '{' {
		return errNoObject
	}
	d.members = make([]part, 0, 16)
	next, more := s.Enter(i)
	for more {
		keyAt := next
		keyEnd, value := s.Key(next)
		if !s.OK() {
			return errNoObject
		}
		key := known(s.Text(keyAt, keyEnd))
		if key == "" {
			key = d.unquote(keyAt, keyEnd)
		}
		end := s.Value(value)
		d.members = append(d.members, part{key: key, start: value, end: end})
		next, more = s.Next(end, '}')
	}
	if s.End(next); s.Err() != nil {
		return errNoObject
	}
	if s.Deepest > maxDepth {
		return errDeep
	}
	return nil
}

// known returns the members that most calls have, without making a string of them; "" for any other.
func known(quoted []byte) string {
	switch string(quoted) {
	case `"type"`:
		return "type"
	case `"event"`:
		return "event"
	case `"userId"`:
		return "userId"
	case `"anonymousId"`:
		return "anonymousId"
	case `"messageId"`:
		return "messageId"
	case `"timestamp"`:
		return "timestamp"
	case `"context"`:
		return "context"
	case `"integrations"`:
		return "integrations"
	case `"properties"`:
		return "properties"
	case `"traits"`:
		return "traits"
	}
	return ""
}

// unquote returns the value of the string that was scanned last.
func (d *document) unquote(start, end int) string {
	quoted := d.scan.Text(start, end)
	if !d.scan.Escaped() {
		return strings.ToValidUTF8(string(quoted[1:len(quoted)-1]), "\uFFFD")
	}
	return string(jsonscan.AppendUnquoted(nil, string(quoted)))
}

// find returns a member of the call; the last one counts, as everywhere.
func (d *document) find(key string) (part, bool) {
	for i := len(d.members) - 1; i >= 0; i-- {
		if d.members[i].key == key {
			return d.members[i], d.scan.Kind(d.members[i].start) != 'n'
		}
	}
	return part{}, false
}

// member decodes a member of the call; nil when it is absent or null.
func (d *document) member(key string) any {
	p, ok := d.find(key)
	if !ok {
		return nil
	}
	v, _ := d.value(p.start)
	return v
}

// whole decodes the call.
func (d *document) whole() map[string]any {
	out := make(map[string]any, len(d.members))
	for _, m := range d.members {
		out[m.key], _ = d.value(m.start)
	}
	return out
}

// value decodes the value at i, which is sound, and returns the position behind it.
func (d *document) value(i int) (any, int) {
	s := &d.scan
	switch c := s.Kind(i); c {
	case '{':
		object := map[string]any{}
		next, more := s.Enter(i)
		for more {
			keyEnd, at := s.Key(next)
			key := d.unquote(next, keyEnd)
			object[key], at = d.value(at)
			next, more = s.Next(at, '}')
		}
		return object, next
	case '[':
		list := []any{}
		next, more := s.Enter(i)
		for more {
			var item any
			item, next = d.value(next)
			list = append(list, item)
			next, more = s.Next(next, ']')
		}
		return list, next
	case '"':
		end := s.Value(i)
		return d.unquote(i, end), end
	case 't', 'f':
		return c == 't', s.Value(i)
	case 'n':
		return nil, s.Value(i)
	}
	end := s.Value(i)
	return number(string(s.Text(i, end))), end
}

// number keeps a number as it was written, so that 0.1 stays 0.1. One that would be expensive to
// reckon with exactly becomes the nearest float.
func number(text string) any {
	if len(text) <= 64 && !strings.ContainsAny(text, "eE") {
		return json.Number(text)
	}
	f, _ := strconv.ParseFloat(text, 64)
	return max(-math.MaxFloat64, min(math.MaxFloat64, f))
}

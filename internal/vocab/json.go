package vocab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// errJSON says that a call is not one valid JSON object. The door refuses those, so that it means a
// fault of ours or a damaged log.
var errJSON = errors.New("call is not a valid JSON object")

// maxDepth bounds nesting; the door lets 256 levels through.
const maxDepth = 512

// Value is one JSON value as it stands in the call. The zero value stands for an absent member.
type Value struct {
	text    string // JSON text; a string keeps its quotes
	escaped bool   // of a string: it has escapes
	spaced  bool   // an object or array that may have white space between its tokens
}

// Absent reports whether the member is missing or null, which clients use alike.
func (v Value) Absent() bool { return v.text == "" || v.text[0] == 'n' }

// IsString reports whether v is a string.
func (v Value) IsString() bool { return v.text != "" && v.text[0] == '"' }

// IsObject reports whether v is an object.
func (v Value) IsObject() bool { return v.text != "" && v.text[0] == '{' }

// IsNumber reports whether v is a number.
func (v Value) IsNumber() bool {
	return v.text != "" && (v.text[0] == '-' || v.text[0] >= '0' && v.text[0] <= '9')
}

// IsBool reports whether v is true or false.
func (v Value) IsBool() bool { return v.text == "true" || v.text == "false" }

// Text returns a scalar as text: a string decoded, a number as sent, true or false. It returns false
// for objects, arrays, null and absent values.
func (v Value) Text() (string, bool) {
	switch {
	case v.text == "":
		return "", false
	case v.text[0] == '"':
		if v.escaped {
			return unquote(v.text), true
		}
		return v.text[1 : len(v.text)-1], true
	case v.text[0] == '{' || v.text[0] == '[' || v.text[0] == 'n':
		return "", false
	}
	return v.text, true
}

// JSON returns the value's JSON text without white space between tokens; "" when absent.
func (v Value) JSON() string {
	if !v.spaced {
		return v.text
	}
	return string(jsonscan.AppendCompact(make([]byte, 0, len(v.text)), v.text))
}

// unquote returns the value of a string that has escapes.
func unquote(quoted string) string {
	return string(jsonscan.AppendUnquoted(make([]byte, 0, len(quoted)), quoted))
}

// member is one key of an object with its value.
type member struct {
	key   string
	value Value
	taken bool // mapped, so no longer free
}

// object is one level of a JSON object: members in the order sent, each key once. Of a repeated key
// the last value holds, as in JavaScript.
type object struct {
	members []member
	// inner are the members, objects themselves, whose own members are read in the same pass.
	inner    []inner
	repeated bool // a key was sent more than once
}

// inner is a member of an object that is read with it.
type inner struct {
	key string
	o   *object
}

func (o *object) reset() {
	clear(o.members)
	o.members, o.repeated = o.members[:0], false
	for _, in := range o.inner {
		in.o.reset()
	}
}

func (o *object) innerOf(key string) *object {
	for _, in := range o.inner {
		if in.key == key {
			return in.o
		}
	}
	return nil
}

// find returns the member of a key, nil if there is none. It is good until the next member is added.
func (o *object) find(key string) *member {
	for i := range o.members {
		if o.members[i].key == key {
			return &o.members[i]
		}
	}
	return nil
}

// parse reads one level of the object in text, which must hold nothing else. The marks of scan are then
// those of the whole text.
func (o *object) parse(scan *jsonscan.Scanner, text string) error {
	o.reset()
	scan.ResetCopy(text) // behind a call is the next one of its log record
	i := scan.Space(0)
	if scan.Kind(i) != '{' {
		return errJSON
	}
	scan.End(o.read(scan, text, i))
	if err := scan.Err(); err != nil {
		return fmt.Errorf("%w: %w", errJSON, err)
	}
	if scan.Flawed || scan.Deepest > maxDepth {
		return errJSON
	}
	return nil
}

// read reads the members of the object at i and returns the position behind it.
func (o *object) read(scan *jsonscan.Scanner, text string, i int) int {
	i, more := scan.Enter(i)
	for more {
		keyEnd, start := scan.Key(i)
		if !scan.OK() {
			break
		}
		m := member{key: text[i+1 : keyEnd-1]}
		if scan.Escaped() {
			m.key = unquote(text[i:keyEnd])
		}
		var end int
		if in := o.innerOf(m.key); in != nil && scan.Kind(start) == '{' {
			in.reset()
			end = in.read(scan, text, start)
			m.value.spaced = true // not known
		} else {
			scan.Spaced = false
			end = scan.Value(start)
			m.value.escaped, m.value.spaced = scan.Escaped(), scan.Spaced
		}
		m.value.text = text[start:end]
		o.members = append(o.members, m)
		i, more = scan.Next(end, '}')
	}
	o.dropRepeated()
	return i
}

// dropRepeated keeps the last of the members that share a key.
func (o *object) dropRepeated() {
	const few = 24 // up to here comparing pairs is cheaper than a map
	if len(o.members) <= few && !o.hasRepeated() {
		return
	}
	last := make(map[string]int, len(o.members))
	for i := range o.members {
		last[o.members[i].key] = i
	}
	if len(last) == len(o.members) {
		return
	}
	o.repeated = true
	kept := o.members[:0]
	for i, m := range o.members {
		if last[m.key] == i {
			kept = append(kept, m)
		}
	}
	clear(o.members[len(kept):])
	o.members = kept
}

func (o *object) hasRepeated() bool {
	for i := range o.members {
		if o.find(o.members[i].key) != &o.members[i] {
			return true
		}
	}
	return false
}

// ParseValue reads JSON text that came inside a string. It returns false if it is no JSON.
func ParseValue(text string) (Value, bool) {
	text = strings.TrimSpace(text)
	if !json.Valid([]byte(text)) {
		return Value{}, false
	}
	return Value{text: text, escaped: true, spaced: true}, true
}

package vocab

import (
	"errors"
	"unicode/utf8"
)

// errJSON says that a call is not one valid JSON object. The door refuses those, so that it means a
// fault of ours or a damaged log.
var errJSON = errors.New("call is not a valid JSON object")

// maxDepth bounds nesting; the door lets 256 levels through.
const maxDepth = 512

// Value is one JSON value as it stands in the call. The zero value stands for an absent member.
type Value struct {
	text     string // JSON text; a string keeps its quotes
	escaped  bool   // a string that has escapes
	spaced   bool   // an object or array with white space between its tokens
	unpaired bool   // escapes half of a surrogate pair alone
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
		s := v.text[1 : len(v.text)-1]
		if v.escaped {
			s = unescape(s)
		}
		return s, true
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
	return string(appendCompact(make([]byte, 0, len(v.text)), v.text))
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
	unpaired bool // something below escapes half of a surrogate pair alone
}

// inner is a member of an object that is read with it.
type inner struct {
	key string
	o   *object
}

func (o *object) reset() {
	clear(o.members)
	o.members, o.repeated, o.unpaired = o.members[:0], false, false
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

// parse reads one level of the object in s, which must hold nothing else.
func (o *object) parse(s string) error {
	o.reset()
	if !utf8.ValidString(s) {
		return errJSON
	}
	i := skipSpace(s, 0)
	if i >= len(s) || s[i] != '{' {
		return errJSON
	}
	end := o.parseMembers(s, i+1)
	if end < 0 || skipSpace(s, end) != len(s) {
		return errJSON
	}
	return nil
}

// parseMembers reads members up to the closing brace and returns the index behind it, or -1.
func (o *object) parseMembers(s string, i int) int {
	i = skipSpace(s, i)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		key, after := scanKey(s, i)
		if after < 0 {
			return -1
		}
		start := skipSpace(s, after)
		k, _ := key.Text()
		v := Value{}
		if in := o.innerOf(k); in != nil && start < len(s) && s[start] == '{' {
			in.reset()
			i = in.parseMembers(s, start+1)
			v.spaced, v.unpaired = true, in.unpaired // spaced is not known
		} else {
			i = scanValue(s, start, 1, &v)
		}
		if i < 0 {
			return -1
		}
		v.text = s[start:i]
		o.unpaired = o.unpaired || key.unpaired || v.unpaired
		o.members = append(o.members, member{key: k, value: v})
		i = skipSpace(s, i)
		if i >= len(s) {
			return -1
		}
		if s[i] == '}' {
			o.dropRepeated()
			return i + 1
		}
		if s[i] != ',' {
			return -1
		}
		i = skipSpace(s, i+1)
	}
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

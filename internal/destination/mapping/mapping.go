// Package mapping makes the payload of a call by Segment's mapping directives: a JSON value in which objects
// with one key such as "@path" or "@template" stand for what is computed of the call. It is a pure function;
// package deliver and destinations use it.
//
// The directives, as Segment's destination actions have them:
//
//	{"@path": "$.properties.a[0].b"}            what stands there; nothing if there is nothing. "$." is the call
//	{"@template": "{{name}} of {{context.app.name}}"}  text with what stands at paths put in
//	{"@literal": value}                         the value, resolved
//	{"@if": {"exists": x, "then": a, "else": b}}       a if x is there and not null
//	{"@if": {"blank": x, "then": a, "else": b}}        a if x is there, not null and not "": Segment's meaning
//	{"@case": {"operator": "lower", "value": x}}       or upper
//	{"@replace": {"pattern": "a", "replacement": "b", "pattern2": …, "value": x, "ignorecase": false, "global": true}}
//	{"@arrayPath": ["$.items", {shape}]}        the array there, each element mapped by the shape
//	{"@flatten": {"value": x, "separator": "."}}       nested objects and arrays as one level
//	{"@json": {"mode": "encode", "value": x}}   or decode
//	{"@merge": {"objects": [a, b], "direction": "right"}}  the right one wins; or left
//	{"@transform": {"apply": a, "mapping": b}}  b on what a makes
//	{"@excludeWhenNull": x}                     nothing if x is null
package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of a mapping: bytes of its text, and how deep it nests.
const (
	MaxText  = 256 << 10
	maxDepth = 64
)

// Mapping is a parsed mapping. It never changes; many goroutines may use one.
type Mapping struct {
	root     node
	identity bool // the call as it is
}

// Parse reads a mapping, or says what is wrong with it and where.
func Parse(text []byte) (*Mapping, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("mapping is larger than %d KiB", MaxText>>10)
	}
	value, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("mapping is no JSON: %w", err)
	}
	root, err := compile(value, "mapping", 0)
	if err != nil {
		return nil, err
	}
	p, isPath := root.(path)
	return &Mapping{root: root, identity: isPath && len(p) == 0}, nil
}

// Apply returns the payload that the mapping makes of a call. Members that come to nothing are left out. The
// mapping {"@path": "$."} returns the bytes of the call; any other writes members in the order of their keys.
func (m *Mapping) Apply(call []byte) (json.RawMessage, error) {
	if m.identity {
		return call, nil
	}
	value, err := decode(call)
	if err != nil {
		return nil, fmt.Errorf("call is no JSON: %w", err)
	}
	made, err := m.root.resolve(value)
	if err != nil {
		return nil, err
	}
	if made == nothing {
		made = nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(made); err != nil {
		return nil, fmt.Errorf("encode payload: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// decode keeps numbers as they are written.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text goes on after its value")
	}
	return v, nil
}

// absent is what is not there, other than null.
type absent struct{}

var nothing any = absent{}

// node computes a value of a payload.
type node interface {
	resolve(payload any) (any, error)
}

type (
	constant struct{ value any }
	object   map[string]node
	array    []node
)

func (c constant) resolve(any) (any, error) { return c.value, nil }

func (o object) resolve(payload any) (any, error) {
	out := make(map[string]any, len(o))
	for key, n := range o {
		v, err := n.resolve(payload)
		if err != nil {
			return nil, err
		}
		if v != nothing {
			out[key] = v
		}
	}
	return out, nil
}

func (a array) resolve(payload any) (any, error) {
	out := make([]any, 0, len(a))
	for _, n := range a {
		v, err := n.resolve(payload)
		if err != nil {
			return nil, err
		}
		if v != nothing {
			out = append(out, v)
		}
	}
	return out, nil
}

// compile turns a part of a mapping into what computes it.
func compile(value any, at string, depth int) (node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s nests deeper than %d", at, maxDepth)
	}
	switch v := value.(type) {
	case []any:
		out := make(array, len(v))
		for i := range v {
			n, err := compile(v[i], fmt.Sprintf("%s[%d]", at, i), depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = n
		}
		return out, nil
	case map[string]any:
		return compileObject(v, at, depth)
	}
	return constant{value}, nil
}

// compileObject reads an object: a directive if a key begins with "@".
func compileObject(v map[string]any, at string, depth int) (node, error) {
	for key := range v {
		if !strings.HasPrefix(key, "@") {
			continue
		}
		if len(v) > 1 {
			return nil, fmt.Errorf("%s: %s stands alone in its object", at, key)
		}
		return (&builder{at: at + "." + key, depth: depth + 1}).build(key, v[key])
	}
	out := make(object, len(v))
	for _, key := range sortedKeys(v) { // so that of several faults always the same is told
		n, err := compile(v[key], at+"."+key, depth+1)
		if err != nil {
			return nil, err
		}
		out[key] = n
	}
	return out, nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

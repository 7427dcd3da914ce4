package warehouse

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Kind is the type of a column.
type Kind string

// The kinds of columns. A [Number] is any number of JSON, exactly.
const (
	Text    Kind = "text"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	JSON    Kind = "json" // arrays, and objects that lie deep
	Time    Kind = "time"
	// Null is the kind of a trait that is taken away; no column is of it.
	Null Kind = "null"
)

// Field is a value on its way to a column.
type Field struct {
	Name string // of its column, unless something stands in the way
	Path string // where it came from, as in "properties.nested.deep"
	Kind Kind
	Text string // the value as a database reads it from text
}

// maxDepth is of how many names a column's may be made: objects that lie deeper are JSON.
const maxDepth = 3

// flatten makes fields of an object, in the order of their paths: those of the objects in it, too, under
// joined names. A null is a field of kind [Null]; objects with nothing in them are none.
func flatten(fields []Field, path string, names []string, object map[string]json.RawMessage) []Field {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		raw, at, under := object[key], path+"."+key, append(slices.Clip(names), key)
		if inner := readObject(raw); inner != nil && len(under) < maxDepth {
			fields = flatten(fields, at, under, inner)
			continue
		}
		if kind, text := read(raw); kind != "" {
			fields = append(fields, Field{Name: Name(strings.Join(under, "_")), Path: at, Kind: kind, Text: text})
		}
	}
	return fields
}

func readObject(raw json.RawMessage) map[string]json.RawMessage {
	var o map[string]json.RawMessage
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// read is a value's kind and text; no kind for what is no JSON.
func read(raw json.RawMessage) (Kind, string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", ""
	}
	switch v := clean(v).(type) {
	case string:
		return Text, v
	case bool:
		return Boolean, strconv.FormatBool(v)
	case json.Number:
		return Number, string(v)
	case nil:
		return Null, ""
	default:
		return JSON, encode(v)
	}
}

// clean takes out of a value what databases do not store: NUL characters, and numbers beyond [fits], which
// become their digits as text.
func clean(v any) any {
	switch v := v.(type) {
	case string:
		return cleanText(v)
	case json.Number:
		if !fits(string(v)) {
			return string(v)
		}
	case []any:
		for i := range v {
			v[i] = clean(v[i])
		}
	case map[string]any:
		cleaned := make(map[string]any, len(v))
		for key, value := range v {
			cleaned[cleanText(key)] = clean(value)
		}
		return cleaned
	}
	return v
}

func cleanText(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }

// fits tells whether a number has at most a thousand digits before and after the point: PostgreSQL's numeric
// takes more, but nobody means them.
func fits(number string) bool {
	const most = 1000
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	power := 0
	if exponent != "" {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil {
			return false
		}
	}
	return len(mantissa) <= most && power <= most && power >= -most
}

func encode(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "null" // what was decoded can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

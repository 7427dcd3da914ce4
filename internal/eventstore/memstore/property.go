package memstore

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// propertyValues reads a property field from a row's properties; query.Property says how.
func propertyValues(properties json.RawMessage, f query.Field) []value {
	path, asNumber := strings.CutPrefix(f.Name, query.NumberPrefix)
	if !asNumber {
		path = strings.TrimPrefix(f.Name, query.PropertyPrefix)
	}
	at := properties
	for key := range strings.SplitSeq(path, ".") {
		var ok bool
		if at, ok = member(at, key); !ok {
			return nil
		}
	}
	scalars := []json.RawMessage{at}
	if at[0] == '[' {
		scalars = nil
		decode(at, &scalars)
	}
	var out []value
	for _, s := range scalars {
		if asNumber {
			out = append(out, scalarNumber(s)...)
		} else {
			out = append(out, scalarText(s)...)
		}
	}
	return out
}

// member returns the value of the first of an object's members with that key; ok is false if there is
// none, or no object.
func member(object json.RawMessage, key string) (v json.RawMessage, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		if err := d.Decode(&v); err != nil {
			return nil, false
		}
		if name == key {
			return v, true
		}
	}
	return nil, false
}

// scalarText is a scalar's text; objects, arrays and null have none.
func scalarText(s json.RawMessage) []value {
	switch s[0] {
	case '"':
		var str string
		decode(s, &str)
		return text(str)
	case 't', 'f':
		return text(string(s))
	case '{', '[', 'n':
		return nil
	}
	return text(numberText(string(s)))
}

// numberText is the text of a JSON number: an integer as sent, others by their value.
func numberText(s string) string {
	if s == "-0" {
		return "0"
	}
	if !strings.ContainsAny(s, ".eE") {
		return s
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s // beyond float64
	}
	out, err := json.Marshal(n + 0)
	if err != nil {
		panic("BUG: number without text: " + err.Error())
	}
	return string(out)
}

// scalarNumber is the number that a JSON number is, or that a JSON string holds.
func scalarNumber(s json.RawMessage) []value {
	digits := string(s)
	if s[0] == '"' {
		decode(s, &digits)
	}
	if !isNumber(digits) {
		return nil
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return nil // beyond float64
	}
	return number(n)
}

// isNumber reports whether s is a JSON number and nothing else.
func isNumber(s string) bool {
	if s == "" || (s[0] != '-' && (s[0] < '0' || s[0] > '9')) || strings.TrimSpace(s) != s {
		return false
	}
	return json.Valid([]byte(s))
}

func decode(s json.RawMessage, into any) {
	if err := json.Unmarshal(s, into); err != nil {
		panic("BUG: properties are not valid JSON: " + err.Error())
	}
}

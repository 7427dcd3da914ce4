package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Keywords of JSON Schema, drafts 4 to 2020-12, by what their value holds.
var (
	oneSchema  = []string{"not", "if", "then", "else", "items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "additionalItems", "contains", "propertyNames", "contentSchema"}
	schemaList = []string{"allOf", "anyOf", "oneOf", "prefixItems", "items"}
	schemaMap  = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
	plainWords = []string{
		"$schema", "$id", "id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary", "$comment",
		"type", "enum", "const", "required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
		"pattern", "format", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties",
		"dependentRequired", "contentEncoding", "contentMediaType", "title", "description", "default", "examples", "deprecated", "readOnly",
		"writeOnly", "labels",
	}
	formats = []string{
		"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference",
		"uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex", "period", "semver",
	}
	// bounds go in pairs: the first may not be above the second.
	bounds = [][2]string{{"minimum", "maximum"}, {"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"}}
)

// schema looks for what a schema says and cannot mean.
func (l *linter) schema(n *node, path string) {
	if n.kind != '{' {
		return
	}
	for _, m := range n.members {
		at := join(path, m.key)
		switch {
		case slices.Contains(schemaMap, m.key):
			for _, sub := range m.value.members {
				l.schema(sub.value, join(at, sub.key))
			}
		case m.value.kind == '[' && slices.Contains(schemaList, m.key):
			for i, sub := range m.value.items {
				l.schema(sub, at+"["+strconv.Itoa(i)+"]")
			}
		case slices.Contains(oneSchema, m.key):
			l.schema(m.value, at)
		case !slices.Contains(plainWords, m.key) && !strings.HasPrefix(m.key, "x-"):
			l.warn(at, "is no keyword of JSON Schema and has no effect%s", suggestion(m.key))
		}
	}
	l.required(n, path)
	l.contradictions(n, path)
}

func suggestion(word string) string {
	all := slices.Concat(plainWords, oneSchema, schemaList, schemaMap)
	for _, known := range all {
		if fold(known) == fold(word) || near(known, word) {
			return "; did you mean " + known + "?"
		}
	}
	return ""
}

// near reports whether two words differ by one letter, or by two that changed places.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return true
		}
		return i < len(a) && a[i+1:] == b[i+1:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}

// required warns of properties that must be sent and are described nowhere.
func (l *linter) required(n *node, path string) {
	properties, required := n.get("properties"), n.get("required")
	if properties == nil || required == nil || strings.Contains(path, ".allOf[") || strings.HasSuffix(path, ".then") || strings.HasSuffix(path, ".else") {
		return
	}
	seen := map[string]bool{}
	for i, r := range required.items {
		at := fmt.Sprintf("%s.required[%d]", path, i)
		if seen[r.text] {
			l.warn(at, "%s is there twice", r.text)
		}
		if seen[r.text] = true; properties.get(r.text) == nil && n.get("patternProperties") == nil {
			like := ""
			for _, m := range properties.members {
				if fold(m.key) == fold(r.text) || near(m.key, r.text) {
					like = "; did you mean " + m.key + "?"
				}
			}
			l.warn(at, "%s is required and not among the properties%s", r.text, like)
		}
	}
}

// contradictions warns of values that can never be.
func (l *linter) contradictions(n *node, path string) {
	for _, b := range bounds {
		low, high := n.get(b[0]), n.get(b[1])
		if low == nil || high == nil {
			continue
		}
		x, errX := strconv.ParseFloat(low.text, 64)
		y, errY := strconv.ParseFloat(high.text, 64)
		if errX == nil && errY == nil && x > y {
			l.warn(path+"."+b[0], "is above %s, so that no value fits", b[1])
		}
	}
	if f := n.get("format"); f != nil && f.kind == '"' && !slices.Contains(formats, f.text) {
		l.warn(path+".format", "there is no format %q, so that nothing is checked", f.text)
	}
	types := typesOf(n.get("type"))
	enum := n.get("enum")
	if enum == nil || len(types) == 0 {
		return
	}
	for i, v := range enum.items {
		if name := nodeType(v); !slices.Contains(types, name) && (name != "number" || !slices.Contains(types, "integer")) {
			l.warn(fmt.Sprintf("%s.enum[%d]", path, i), "is %s and can never be, as the type is %s", v.word(), alternatives(types))
		}
	}
}

func typesOf(n *node) []string {
	switch {
	case n == nil:
		return nil
	case n.kind == '"':
		return []string{n.text}
	}
	var out []string
	for _, item := range n.items {
		out = append(out, item.text)
	}
	return out
}

// nodeType names a value's type as JSON Schema does.
func nodeType(n *node) string {
	switch n.kind {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	}
	return "null"
}

package duckstore

import (
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// textList is a list of strings without the empty and absent ones; NULL is the empty list.
func textList(list string) string {
	return "coalesce(list_filter(" + list + ", lambda x: x <> ''), [])"
}

// clockField is hour_of_day or weekday of a local time.
func clockField(name, local string) string {
	if name == "weekday" {
		return "isodow(" + local + ")::DOUBLE"
	}
	return "hour(" + local + ")::DOUBLE"
}

// numberPattern is the grammar of a JSON number.
const numberPattern = `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`

// property is the field of a path below properties. What is at a path is JSON, and its first byte tells
// what. Nearly all of it is scalars, for which lists would cost several times as much, so these are kept
// apart from the values of an array.
func (s *eventScope) property(f query.Field) expr {
	path, number := strings.CutPrefix(f.Name, query.NumberPrefix)
	if !number {
		path = strings.TrimPrefix(path, query.PropertyPrefix)
	}
	x := expr{typ: f.Type, set: true, json: s.at(path), number: number}
	x.one, x.sql = x.values(x.json)
	return x
}

// values takes the JSON of a property, as SQL, apart: the single value, and the list of an array's.
func (x expr) values(json string) (one, many string) {
	one = "nullif(" + scalarText(json) + ", '')"
	many = textList("list_transform(json_extract(" + json + ", '$[*]'), lambda x: " + scalarText("(x::VARCHAR)") + ")")
	if x.number {
		one = textNumber(one)
		many = "list_filter(list_transform(" + many + ", lambda y: " + textNumber("y") + "), lambda z: z IS NOT NULL)"
	}
	return one, fmt.Sprintf("CASE WHEN %s[1] = '[' THEN %s END", json, many)
}

// textNumber is the number that a text is as JSON; NULL if it is none or beyond DOUBLE.
func textNumber(text string) string {
	n := "TRY_CAST(" + text + " AS DOUBLE)"
	return fmt.Sprintf("CASE WHEN isfinite(%s) AND regexp_full_match(%s, '%s') THEN %s END", n, text, numberPattern, n)
}

// at is the column of the JSON at a path, as text.
func (s *eventScope) at(path string) string {
	if name, ok := s.made[path]; ok {
		return s.alias + "." + name
	}
	s.needs["properties"] = true
	sql := "r.properties"
	for _, step := range jsonPaths(path) {
		sql = "json_extract(" + sql + ", " + s.c.arg(step) + ")"
	}
	name := s.c.name("j")
	s.made[path] = name
	s.more = append(s.more, sql+"::VARCHAR AS "+name)
	return s.alias + "." + name
}

// scalarText is the text of a JSON scalar; NULL of objects, arrays and null.
func scalarText(json string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s[1] = '"' THEN json_extract_string(%[1]s, '$') WHEN %[1]s[1] IN ('{', '[', 'n') THEN NULL ELSE %[1]s END`, json)
}

// jsonPaths writes a path of keys as DuckDB's paths, to be applied one after the other. A quoted star
// is a wildcard there all the same, so such a key takes a step of its own, as a JSON pointer.
func jsonPaths(path string) []string {
	var steps []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			steps = append(steps, "$"+b.String())
			b.Reset()
		}
	}
	for key := range strings.SplitSeq(path, ".") {
		if strings.Trim(key, "*") == "" {
			end()
			steps = append(steps, "/"+key)
			continue
		}
		b.WriteString(`."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`)
	}
	end()
	return steps
}

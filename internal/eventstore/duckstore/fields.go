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

// property is the field of a path below properties, as a list of its values.
func (s *eventScope) property(f query.Field) expr {
	path, number := strings.CutPrefix(f.Name, query.NumberPrefix)
	if !number {
		path = strings.TrimPrefix(path, query.PropertyPrefix)
	}
	at := s.at(path)
	// What is at a path is JSON: its first byte tells what. Most is a scalar, and CASE reads the rest
	// only where it is there.
	values := fmt.Sprintf(`CASE WHEN %[1]s IS NULL THEN []::VARCHAR[] WHEN %[1]s[1] = '[' THEN list_transform(json_extract(%[1]s, '$[*]'), lambda x: %[3]s) ELSE [%[2]s] END`,
		at, scalarText(at), scalarText("(x::VARCHAR)"))
	x := expr{typ: query.String, set: true, sql: textList(values)}
	if number {
		x.typ = query.Number
		x.sql = fmt.Sprintf(`list_filter(list_transform(%s, lambda y: CASE WHEN regexp_full_match(y, '%s') THEN TRY_CAST(y AS DOUBLE) END), lambda z: isfinite(z))`,
			x.sql, numberPattern)
	}
	return x
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

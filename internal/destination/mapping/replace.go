package mapping

import (
	"encoding/json"
	"regexp"
)

// replace is @replace: patterns are plain text. Numbers and booleans are taken as text.
func (b *builder) replace(v any) (node, error) {
	o, err := b.options(v, "pattern value", "replacement pattern2 replacement2 ignorecase global")
	if err != nil {
		return nil, err
	}
	type step struct {
		pattern *regexp.Regexp
		with    string
	}
	var steps []step
	for _, suffix := range []string{"", "2"} {
		pattern, with := asText(o["pattern"+suffix]), asText(o["replacement"+suffix])
		if pattern == "" {
			continue
		}
		flags := ""
		if o["ignorecase"] == true {
			flags = "(?i)"
		}
		steps = append(steps, step{regexp.MustCompile(flags + regexp.QuoteMeta(pattern)), with})
	}
	global := o["global"] != false
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		switch v.(type) {
		case string, json.Number, bool:
		default:
			return v, nil
		}
		text := asText(v)
		for _, s := range steps {
			if global {
				text = s.pattern.ReplaceAllLiteralString(text, s.with)
			} else if at := s.pattern.FindStringIndex(text); at != nil {
				text = text[:at[0]] + s.with + text[at[1]:]
			}
		}
		return text, nil
	}}, err
}

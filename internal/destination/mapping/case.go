package mapping

import "strings"

// letters is @case: of text; other values stay.
func (b *builder) letters(v any) (node, error) {
	o, err := b.options(v, "operator value", "")
	if err != nil {
		return nil, err
	}
	operator, err := b.word(o, "operator", "lower", "upper")
	if err != nil {
		return nil, err
	}
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		text, ok := v.(string)
		if !ok {
			return v, nil
		}
		if operator == "upper" {
			return strings.ToUpper(text), nil
		}
		return strings.ToLower(text), nil
	}}, err
}

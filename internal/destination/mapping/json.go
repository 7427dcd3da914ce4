package mapping

import (
	"encoding/json"
	"fmt"
)

// json is @json. Decoding leaves what is no text.
func (b *builder) json(v any) (node, error) {
	o, err := b.options(v, "mode value", "")
	if err != nil {
		return nil, err
	}
	mode, err := b.word(o, "mode", "encode", "decode")
	if err != nil {
		return nil, err
	}
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		if v == nothing {
			return v, nil
		}
		if mode == "encode" {
			text, err := json.Marshal(v)
			return string(text), err
		}
		text, ok := v.(string)
		if !ok {
			return v, nil
		}
		made, err := decode([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: the text is no JSON", b.at)
		}
		return made, nil
	}}, err
}

package mapping

import "strconv"

// flatten is @flatten. With omitArrays arrays stay as they are.
func (b *builder) flatten(v any) (node, error) {
	o, err := b.options(v, "value separator", "omitArrays")
	if err != nil {
		return nil, err
	}
	separator, ok := o["separator"].(string)
	if !ok {
		return nil, b.fault(`"separator" is no text`)
	}
	keepArrays := o["omitArrays"] == true
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		out := map[string]any{}
		flattenInto(out, "", separator, keepArrays, v)
		if _, ok := v.(map[string]any); !ok && len(out) <= 1 {
			if _, ok := v.([]any); !ok {
				return v, nil
			}
		}
		return out, nil
	}}, err
}

func flattenInto(out map[string]any, prefix, separator string, keepArrays bool, v any) {
	key := func(k string) string {
		if prefix == "" {
			return k
		}
		return prefix + separator + k
	}
	switch in := v.(type) {
	case map[string]any:
		for k, member := range in {
			flattenInto(out, key(k), separator, keepArrays, member)
		}
		return
	case []any:
		if !keepArrays {
			for i, element := range in {
				flattenInto(out, key(strconv.Itoa(i)), separator, keepArrays, element)
			}
			return
		}
	}
	if v != nothing {
		out[prefix] = v
	}
}

package mapping

// arrayPath is @arrayPath. One object counts as an array of it; other values stay, and without a shape all do.
func (b *builder) arrayPath(v any) (node, error) {
	list, ok := v.([]any)
	if !ok || len(list) < 1 || len(list) > 2 {
		return nil, b.fault("takes an array of a path and a shape")
	}
	var root node
	var err error
	if text, ok := list[0].(string); ok {
		root = parsePath(text)
	} else if root, err = b.compile(list[0]); err != nil {
		return nil, err
	}
	shape, ok := any(nil), false
	if len(list) == 2 {
		shape = list[1]
		_, ok = shape.(map[string]any)
	}
	if !ok {
		return root, nil
	}
	inner, err := b.compile(shape)
	return convert{root, func(v any) (any, error) {
		var elements []any
		switch v := v.(type) {
		case []any:
			elements = v
		case map[string]any:
			elements = []any{v}
		default:
			return v, nil
		}
		out := make([]any, 0, len(elements))
		for _, element := range elements {
			made, err := inner.resolve(element)
			if err != nil {
				return nil, err
			}
			out = append(out, made)
		}
		return out, nil
	}}, err
}

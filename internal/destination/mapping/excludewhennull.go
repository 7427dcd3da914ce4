package mapping

// excludeWhenNull is @excludeWhenNull.
func (b *builder) excludeWhenNull(v any) (node, error) {
	inner, err := b.compile(v)
	return convert{inner, func(v any) (any, error) {
		if v == nil {
			return nothing, nil
		}
		return v, nil
	}}, err
}

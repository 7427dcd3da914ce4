package mapping

// transform is @transform.
func (b *builder) transform(v any) (node, error) {
	o, err := b.options(v, "apply mapping", "")
	if err != nil {
		return nil, err
	}
	first, err := b.compile(o["apply"])
	if err != nil {
		return nil, err
	}
	second, err := b.compile(o["mapping"])
	return convert{first, func(v any) (any, error) { return second.resolve(v) }}, err
}

package mapping

import "maps"

// merging is @merge.
type merging struct {
	objects []node
	left    bool // the first one wins
}

func (b *builder) merge(v any) (node, error) {
	o, err := b.options(v, "objects", "direction")
	if err != nil {
		return nil, err
	}
	list, ok := o["objects"].([]any)
	if !ok {
		return nil, b.fault(`"objects" is no array`)
	}
	direction, err := b.word(o, "direction", "right", "left")
	n := merging{left: direction == "left"}
	for _, v := range list {
		inner, err := b.compile(v)
		if err != nil {
			return nil, err
		}
		n.objects = append(n.objects, inner)
	}
	return n, err
}

func (n merging) resolve(payload any) (any, error) {
	out := map[string]any{}
	for _, inner := range n.objects {
		v, err := inner.resolve(payload)
		if err != nil {
			return nil, err
		}
		members, ok := v.(map[string]any)
		if !ok {
			continue // nothing to merge
		}
		if n.left {
			members = maps.Clone(members)
			maps.Copy(members, out)
			out = members
			continue
		}
		maps.Copy(out, members)
	}
	return out, nil
}

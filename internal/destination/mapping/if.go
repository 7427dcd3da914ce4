package mapping

// branching is @if.
type branching struct {
	test, then, otherwise node
	blank                 bool // "" counts as not there
}

func (b *builder) branch(v any) (node, error) {
	o, err := b.options(v, "", "exists blank then else")
	if err != nil {
		return nil, err
	}
	_, exists := o["exists"]
	_, blank := o["blank"]
	if exists == blank {
		return nil, b.fault(`takes either "exists" or "blank"`)
	}
	n := branching{blank: blank}
	key := "exists"
	if blank {
		key = "blank"
	}
	if n.test, err = b.member(o, key); err != nil {
		return nil, err
	}
	if n.then, err = b.member(o, "then"); err != nil {
		return nil, err
	}
	n.otherwise, err = b.member(o, "else")
	return n, err
}

func (n branching) resolve(payload any) (any, error) {
	v, err := n.test.resolve(payload)
	if err != nil {
		return nil, err
	}
	if v != nothing && v != nil && (!n.blank || v != "") {
		return n.then.resolve(payload)
	}
	return n.otherwise.resolve(payload)
}

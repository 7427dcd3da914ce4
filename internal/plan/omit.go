package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// Omit returns a call without what JSON Pointers name, those of [Verdict]. The order of members, and
// numbers, stay as they were sent. A pointer to what is not there is passed over.
func Omit(call []byte, pointers []string) ([]byte, error) {
	root, err := parseJSON(call)
	if err != nil {
		return nil, fmt.Errorf("omit from call: %w", err)
	}
	var gone branch
	for _, p := range pointers {
		gone.add(p)
	}
	root.prune(&gone)
	return root.appendJSON(make([]byte, 0, len(call))), nil
}

// branch is a tree of what JSON Pointers name: each place is looked at once, however many they are.
type branch struct {
	below map[string]*branch
	gone  bool // a pointer ends here
}

func (b *branch) add(pointer string) {
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		key = unescapePointer(key)
		next := b.below[key]
		if next == nil {
			if next = (&branch{}); b.below == nil {
				b.below = map[string]*branch{}
			}
			b.below[key] = next
		}
		b = next
	}
	b.gone = true
}

// prune takes out the values that are to go: several if a client sent a member twice.
func (n *node) prune(at *branch) {
	if len(at.below) == 0 {
		return
	}
	members, items := n.members[:0], n.items[:0]
	for _, m := range n.members {
		if at.below[m.key].keeps(m.value) {
			members = append(members, m)
		}
	}
	for i, item := range n.items {
		if at.below[strconv.Itoa(i)].keeps(item) {
			items = append(items, item)
		}
	}
	n.members, n.items = members, items
}

// keeps reports whether a value stays, and prunes it; a nil branch keeps all.
func (b *branch) keeps(value *node) bool {
	if b == nil {
		return true
	}
	if !b.gone {
		value.prune(b)
	}
	return !b.gone
}

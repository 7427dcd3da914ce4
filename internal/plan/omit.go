package plan

import (
	"fmt"
	"slices"
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
	gone := map[*node]bool{}
	for _, p := range pointers {
		mark(root, p, gone)
	}
	root.prune(gone)
	return root.appendJSON(make([]byte, 0, len(call))), nil
}

// mark notes the values that a pointer names: several if a client sent a member twice.
func mark(root *node, pointer string, gone map[*node]bool) {
	keys := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	at := []*node{root}
	for _, key := range keys {
		key = unescapePointer(key)
		var next []*node
		for _, n := range at {
			if i, err := strconv.Atoi(key); n.kind == '[' && err == nil && i >= 0 && i < len(n.items) {
				next = append(next, n.items[i])
			}
			for _, m := range n.members {
				if m.key == key {
					next = append(next, m.value)
				}
			}
		}
		at = next
	}
	for _, n := range at {
		gone[n] = n != root
	}
}

// prune takes out the values that are to go.
func (n *node) prune(gone map[*node]bool) {
	n.members = slices.DeleteFunc(n.members, func(m member) bool { return gone[m.value] })
	n.items = slices.DeleteFunc(n.items, func(item *node) bool { return gone[item] })
	for _, m := range n.members {
		m.value.prune(gone)
	}
	for _, item := range n.items {
		item.prune(gone)
	}
}

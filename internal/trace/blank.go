package trace

import (
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
)

// silent returns, of a trace in which no message was captured, the outermost spans that tell how they
// ended, and those that were aborted.
func (f *forest) silent() []*node {
	var out []*node
	var descend func(n *node)
	descend = func(n *node) {
		if n.tellsEnd() || n.isMute() && n.lastCall() != nil && !n.endsBelow() {
			out = append(out, n)
			return
		}
		if n.row != nil && n.row.Kind == event.KindTool {
			return
		}
		for _, c := range n.children {
			descend(c)
		}
	}
	for _, n := range f.roots() {
		descend(n)
	}
	slices.SortFunc(out, func(a, b *node) int { return order(a.head(), b.head()) })
	return out
}

// endsBelow reports whether a span below n, outside tools, says how it ended.
func (n *node) endsBelow() bool {
	found := false
	for _, c := range n.children {
		c.walk(func(m *node) bool {
			found = found || m.tellsEnd()
			return !found && (m.row == nil || m.row.Kind != event.KindTool)
		})
	}
	return found
}

// tellsEnd reports whether a generation says how it ended.
func (n *node) tellsEnd() bool {
	if n.row == nil || n.row.Kind != event.KindGeneration || !n.isChat() && !isContainer(n.row) {
		return false
	}
	return n.row.FinishReason != "" || n.row.Action != "completed"
}

// joinBlank lets an outer node of a trace without messages open a turn or go on with one: a call that
// ended asking for tools leaves its turn open.
func (n *node) joinBlank(turns []*turn) []*turn {
	n.outer = true
	t := n.turnBefore(turns)
	if t == nil || !t.isOpen() {
		t = &turn{id: n.id(), blank: true}
		turns = append(turns, t)
	}
	t.nodes = append(t.nodes, n)
	n.turn = t
	aborted := n.isAborted()
	if aborted {
		n.cancel()
	}
	switch {
	case n.row.Action == "failed", isToolReason(n.row.FinishReason):
	case aborted, n.row.Action == "cancelled":
		t.asked = t.nodes[0]
	default:
		t.asked = t.nodes[0]
		t.said = append(t.said, n)
	}
	return turns
}

// isOpen reports whether the last call of a turn asked for tools.
func (t *turn) isOpen() bool {
	last := t.nodes[len(t.nodes)-1].row
	return last.Action == "completed" && isToolReason(last.FinishReason)
}

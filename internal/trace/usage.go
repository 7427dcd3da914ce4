package trace

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// isContainer reports whether a generation is a run around model calls: its tokens repeat theirs.
func isContainer(e *event.Event) bool {
	switch e.Operation {
	case "agent", "workflow", "plan", "step", "span":
		return true
	}
	return false
}

// isModelCall reports whether the span is one call of a model.
func (n *node) isModelCall() bool {
	return n.row != nil && n.row.Kind == event.KindGeneration && !isContainer(n.row)
}

// isChat reports whether the span is a call that answers, unlike embeddings.
func (n *node) isChat() bool {
	return n.isModelCall() && !strings.HasPrefix(n.row.Operation, "embedding")
}

// countUsage decides which rows figures count. Below and above each other, exactly one does.
func (f *forest) countUsage() {
	for _, n := range f.roots() {
		n.countCalls()
		n.countRuns(usesTokens)
		n.countRuns(endedBadly)
	}
}

// endedBadly says of a run that it is the one place where a failure shows.
func endedBadly(e *event.Event) bool {
	switch e.Operation {
	case "agent", "workflow":
		return e.Action != "completed"
	}
	return false
}

// repeatsEmbeddings reports whether a run's tokens are those of the embeddings below it: there is no
// answer among them.
func (n *node) repeatsEmbeddings() bool {
	if e := n.row; !usesTokens(e) || e.OutputTokens != nil && *e.OutputTokens > 0 {
		return false
	}
	found := false
	for _, c := range n.children {
		c.walk(func(m *node) bool {
			found = found || m.isModelCall() && usesTokens(m.row)
			return !found && (m.row == nil || m.row.Kind != event.KindTool)
		})
	}
	return found
}

func setCounts(e *event.Event, value string) { set(e, "counts_usage", value) }

// countCalls takes the flag from calls around other calls: two instrumentations of one call. The inner
// one counts, unless the outer one alone has tokens. It returns the calls that are at the top of n.
func (n *node) countCalls() []*node {
	var below []*node
	for _, c := range n.children {
		below = append(below, c.countCalls()...)
	}
	if !n.isModelCall() {
		if n.row != nil && (n.row.Kind == event.KindGeneration || n.row.Kind == event.KindTool) {
			if n.row.Kind == event.KindGeneration {
				setCounts(n.row, "")
			}
			return nil // a call inside is not the call outside
		}
		return below
	}
	inner, spent := 0, false
	for _, c := range below {
		if c.isChat() == n.isChat() {
			inner++
			spent = spent || usesTokens(c.row)
		}
	}
	switch {
	case inner == 0:
	case usesTokens(n.row) && !spent:
		for _, c := range below {
			if c.isChat() == n.isChat() {
				c.discount()
			}
		}
	default:
		setCounts(n.row, "")
	}
	return []*node{n}
}

// discount takes the flag from a call and the calls inside it.
func (n *node) discount() {
	n.walk(func(m *node) bool {
		if m.isModelCall() {
			setCounts(m.row, "")
			return true
		}
		return m.row == nil || m.row.Kind == event.KindProduct
	})
}

// countRuns gives the flag to runs without any model call below that fit: the innermost of each branch.
// Some instrumentations record an agent's run and no calls. It reports whether anything in n counts.
func (n *node) countRuns(fits func(*event.Event) bool) bool {
	counts := n.isChat() || n.row != nil && n.row.Kind == event.KindGeneration && n.row.CountsUsage && isContainer(n.row)
	for _, c := range n.children {
		if c.countRuns(fits) {
			counts = true
		}
	}
	if !counts && n.row != nil && n.row.Kind == event.KindGeneration && isContainer(n.row) && fits(n.row) && !n.repeatsEmbeddings() {
		setCounts(n.row, "true")
		return true
	}
	return counts
}

package trace

import (
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// turn is a question with what followed from it.
type turn struct {
	id    string
	nodes []*node // the outer nodes, in order
	asked *node   // whose input is the user's message; nil if the turn has none
	said  []*node // whose output are answers
	blank bool    // nothing was captured: the messages have no bodies
}

// findTurns finds the outer nodes and joins them to turns.
func (f *forest) findTurns() []*turn {
	var turns []*turn
	if outer := f.speakers(); len(outer) > 0 {
		for _, n := range outer {
			turns = n.joinTurn(turns)
		}
		return turns
	}
	for _, n := range f.silent() {
		turns = n.joinBlank(turns)
	}
	return turns
}

// speakers returns the outermost nodes that carry messages.
func (f *forest) speakers() []*node {
	var out, inTools []*node
	var descend func(n *node, inTool bool)
	descend = func(n *node, inTool bool) {
		if n.carries() && !(n.content.Fallback && n.carriesBelow()) {
			n.outer = true
			if inTool {
				inTools = append(inTools, n)
			} else {
				out = append(out, n)
			}
			return
		}
		inTool = inTool || n.row != nil && n.row.Kind == event.KindTool
		for _, c := range n.children {
			descend(c, inTool)
		}
	}
	for _, n := range f.roots() {
		descend(n, false)
	}
	if len(out) == 0 {
		out, inTools = inTools, nil
	}
	for _, n := range inTools {
		n.outer = false
	}
	slices.SortFunc(out, func(a, b *node) int { return order(a.head(), b.head()) })
	return out
}

// carries reports whether the span says what was said.
func (n *node) carries() bool {
	if len(n.content.Input) == 0 && len(n.content.Output) == 0 {
		return false
	}
	return n.row == nil || n.row.Kind == event.KindGeneration && (n.isChat() || isContainer(n.row))
}

func (n *node) carriesBelow() bool {
	found := false
	for _, c := range n.children {
		c.walk(func(m *node) bool {
			found = found || m.carries()
			return !found && (m.row == nil || m.row.Kind != event.KindTool)
		})
	}
	return found
}

// joinTurn lets an outer node open a turn or go on with one.
func (n *node) joinTurn(turns []*turn) []*turn {
	t := n.turnBefore(turns)
	question := n.question()
	if question != nil && !(t != nil && t.repeats(question)) {
		t = &turn{id: n.id(), asked: n}
		turns = append(turns, t)
	}
	if t == nil {
		t = &turn{id: n.id()}
		turns = append(turns, t)
	}
	t.nodes = append(t.nodes, n)
	n.turn = t
	if n.isAborted() {
		n.cancel()
	}
	if n.answer() != nil {
		t.said = append(t.said, n)
	}
	return turns
}

// turnBefore finds the turn that n may go on with: the last one, of those whose spans are nearest to n in
// the tree.
func (n *node) turnBefore(turns []*turn) *turn {
	var best *turn
	nearest := -1
	for _, t := range turns {
		if d := n.meets(t.nodes[len(t.nodes)-1]); d >= nearest {
			best, nearest = t, d
		}
	}
	return best
}

// meets is the depth of the nearest span above both, 0 if there is none.
func (n *node) meets(m *node) int {
	for n != m {
		switch {
		case n == nil || m == nil:
			return 0
		case n.depth >= m.depth:
			n = n.parent
		default:
			m = m.parent
		}
	}
	return n.depth + 1
}

// repeats reports whether a question is that of a turn which is still without an answer: a retry.
func (t *turn) repeats(question *Message) bool {
	if t.asked == nil || len(t.said) > 0 || question.Text == nil {
		return false
	}
	old := t.asked.question()
	return old.Text != nil && *old.Text == *question.Text
}

// question is the user's message that a call begins with, if it does.
func (n *node) question() *Message {
	for i := len(n.content.Input) - 1; i >= 0; i-- {
		switch m := &n.content.Input[i]; m.Role {
		case event.RoleSystem:
		case event.RoleUser:
			return m
		default:
			return nil
		}
	}
	return nil
}

// answer is what the agent said in the span: nil if it failed, or asked for tools alone. The text is nil
// if it was not captured.
func (n *node) answer() *Message {
	if n.row != nil && n.row.Action == "failed" {
		return nil
	}
	if m, ok := agentMessage(n.content.Output); ok {
		if (m.Text == nil || *m.Text == "") && n.row != nil && isToolReason(n.row.FinishReason) {
			return nil
		}
		return m
	}
	if n.row == nil || n.row.Action == "cancelled" || len(n.content.Output) > 0 && hasTools(n.content.Output) {
		return nil
	}
	last := n.lastCall()
	if last != nil && last != n {
		if m, ok := agentMessage(last.content.Output); ok && last.row.Action == "completed" {
			return m
		}
	}
	for _, m := range []*node{n, last} {
		if m != nil && m.row.FinishReason != "" {
			if isToolReason(m.row.FinishReason) {
				return nil
			}
			return &Message{Role: event.RoleAgent}
		}
	}
	return nil
}

// agentMessage puts the agent's messages of an output together; false if they only ask for tools.
func agentMessage(output []Message) (*Message, bool) {
	whole := Message{Role: event.RoleAgent}
	var texts []string
	blank := false
	for i := range output {
		m := &output[i]
		switch m.Role {
		case event.RoleUser, event.RoleSystem, event.RoleTool:
			continue
		}
		whole.Parts = appendParts(whole.Parts, m)
		switch {
		case m.Text != nil && (*m.Text != "" || !m.callsTools()):
			texts = append(texts, *m.Text)
		case m.Text == nil && !m.callsTools():
			blank = true
		}
	}
	if len(texts) > 0 {
		whole.Text = new(strings.Join(texts, "\n"))
	}
	return &whole, whole.Text != nil || blank
}

func hasTools(output []Message) bool {
	return slices.ContainsFunc(output, func(m Message) bool { return m.callsTools() })
}

// lastCall is the model call that began last, of n and what is below it outside tools.
func (n *node) lastCall() *node {
	var last *node
	n.walk(func(m *node) bool {
		if m.isChat() && (last == nil || order(last.head(), m.head()) < 0) {
			last = m
		}
		return m.row == nil || m.row.Kind != event.KindTool
	})
	return last
}

// isAborted reports whether the span ended with nothing to show and no error: the user went away.
func (n *node) isAborted() bool {
	if !n.isMute() {
		return false
	}
	last := n.lastCall()
	return last == nil || last.isMute() || last.row.Action == "completed" && isToolReason(last.row.FinishReason)
}

// isMute reports whether a span ended without error, output, finish reason and usage.
func (n *node) isMute() bool {
	if n.row == nil || n.row.Kind != event.KindGeneration || n.row.Action != "completed" {
		return false
	}
	e := n.row
	return e.ErrorType == "" && e.FinishReason == "" && !usesTokens(e) && len(n.content.Output) == 0 &&
		(n.isChat() || isContainer(e)) && e.SourceSubtype != "create_agent"
}

// cancel marks an aborted span, and the model calls below it that ended the same way.
func (n *node) cancel() {
	mark := func(m *node) {
		set(m.row, "action", "cancelled")
		set(m.row, "inferred", "true")
	}
	n.walk(func(m *node) bool {
		if m != n && m.isChat() && m.isMute() {
			mark(m)
		}
		return m.row == nil || m.row.Kind != event.KindTool
	})
	mark(n)
}

package trace

import "github.com/debrief-dev/debrief/internal/event"

// scope says which conversation the trace belongs to: what a row says, of the roots first, then of the
// earliest; else, if a model was talked to, the trace itself.
func (f *forest) scope() Scope {
	var s Scope
	for _, n := range f.nodes {
		from, until := n.head().OccurredAt, n.end()
		if s.From.IsZero() || from.Before(s.From) {
			s.From = from
		}
		if until.After(s.Until) {
			s.Until = until
		}
	}
	s.ConversationID = f.stated("conversation_id")
	if s.ConversationID == "" && f.isTalk() {
		s.ConversationID = f.nodes[0].head().TraceID
	}
	return s
}

// stated is what a field of the trace is, as far as a row says.
func (f *forest) stated(name string) string {
	for _, n := range f.byPrecedence() {
		if v := n.says(name); v != "" {
			return v
		}
	}
	return ""
}

// says is the value of a field by the span's own row, else by its logs.
func (n *node) says(name string) string {
	if n.row != nil {
		if v := get(n.row, name); v != "" {
			return v
		}
	}
	for _, l := range n.logs {
		if v := get(l, name); v != "" {
			return v
		}
	}
	return ""
}

// isTalk reports whether a model was asked for an answer in the trace. Indexing documents, and tools that
// are traced alone, make no conversation.
func (f *forest) isTalk() bool {
	for _, n := range f.nodes {
		if n.isChat() || n.row != nil && n.row.Kind == event.KindGeneration && isContainer(n.row) {
			return true
		}
		if c := n.content; len(c.Input) > 0 || len(c.Output) > 0 {
			return true
		}
		for _, l := range n.logs {
			if isDetails(l) || len(contentOf(l).Input) > 0 || len(contentOf(l).Output) > 0 {
				return true
			}
		}
	}
	return false
}

// fillPlaces tells every row the conversation and the person: of its own span, else of the nearest span
// above, else of the trace. Agents come from spans above alone.
func (f *forest) fillPlaces(conversation string) {
	person := []string{"user_id", "anonymous_id", "session_id"}
	whole := map[string]string{"conversation_id": f.stated("conversation_id")}
	for _, name := range person {
		whole[name] = f.stated(name)
	}
	type filling struct {
		row         *event.Event
		name, value string
	}
	var fillings []filling // found first, written then: rows below must not read what is filled in here
	each := func(n *node, e *event.Event) {
		for _, name := range append([]string{"conversation_id"}, person...) {
			v := n.inherits(name)
			if v == "" {
				v = whole[name]
			}
			fillings = append(fillings, filling{e, name, v})
		}
		if agent := n.agent(); agent != nil && e.AgentID == "" && e.AgentName == "" {
			for _, name := range []string{"agent_id", "agent_name", "agent_version"} {
				fillings = append(fillings, filling{e, name, get(agent, name)})
			}
		}
	}
	bySpan := map[string]*node{}
	for _, n := range f.nodes {
		bySpan[n.key] = n
		if n.row != nil {
			each(n, n.row)
		}
		for _, l := range n.logs {
			each(n, l)
		}
	}
	for _, e := range f.feedback {
		if n := bySpan[e.SpanID]; n != nil {
			each(n, e)
		}
		if len(f.nodes) > 0 { // of a verdict that names a response alone
			fill(e, "trace_id", f.nodes[0].head().TraceID)
		}
	}
	for _, x := range fillings {
		fill(x.row, x.name, x.value)
	}
	for _, e := range f.entries {
		if e.work.ConversationID == "" && conversation != "" {
			fill(e.work, "conversation_id", conversation)
			if f.guessed = whole["conversation_id"] == ""; f.guessed {
				set(e.work, "inferred", "true")
			}
		}
	}
}

// inherits is the value of a field by the span, else by the nearest span above that says it.
func (n *node) inherits(name string) string {
	for ; n != nil; n = n.parent {
		if v := n.says(name); v != "" {
			return v
		}
	}
	return ""
}

// agent is the row that names the agent of a span.
func (n *node) agent() *event.Event {
	for ; n != nil; n = n.parent {
		if n.row != nil && (n.row.AgentID != "" || n.row.AgentName != "") {
			return n.row
		}
		for _, l := range n.logs {
			if l.AgentID != "" || l.AgentName != "" {
				return l
			}
		}
	}
	return nil
}

// fillTurns tells rows the turn that they are of, generations the message that they made, and feedback
// the message that it is about.
func (f *forest) fillTurns(turns []*turn, all []*said) {
	answers := map[*turn]*said{} // the last one
	byNode := map[*node][]*said{}
	for _, s := range all {
		byNode[s.node] = append(byNode[s.node], s)
		if s.row.Role == event.RoleAgent {
			answers[s.turn] = s
		}
	}
	f.spreadTurns(turns)
	// Before message ids change: feedback names the message by the id that the span itself says.
	links := map[*event.Event]*said{}
	for _, e := range f.feedback {
		if n := f.about(e); n != nil {
			links[e] = answerOf(n, byNode, answers)
		}
	}
	for _, n := range f.nodes {
		if n.turn != nil && n.row != nil && isCallRow(n.row) {
			fill(n.row, "turn_id", n.turn.id)
		}
		for _, s := range byNode[n] {
			s.link()
		}
	}
	for _, e := range f.feedback {
		if s := links[e]; s != nil && (e.Scope == "" || e.Scope == "message") {
			set(e, "message_id", s.messageID())
			fill(e, "turn_id", s.turn.id)
		}
	}
}

// link gives the message's id to the generation that it came from, and notes if clients sent it as well.
func (s *said) link() {
	n := s.node
	if n.row == nil {
		return
	}
	if s.merged != nil {
		n.row.Repairs = append(n.row.Repairs, event.Repair{Code: CodeMerged, From: s.row.Role, To: s.messageID()})
	}
	if s.row.Role != event.RoleAgent {
		return
	}
	for _, m := range []*node{n, n.lastCall()} {
		if m == nil || s.messageID() == "" {
			continue
		}
		if s.merged != nil {
			set(m.row, "message_id", s.messageID())
		} else {
			fill(m.row, "message_id", s.messageID())
		}
	}
}

// about finds the span that feedback is about: by the response that it names, else by its span.
func (f *forest) about(e *event.Event) *node {
	if e.MessageID != "" {
		for _, n := range f.nodes {
			if n.row != nil && n.row.MessageID == e.MessageID {
				return n
			}
		}
	}
	if e.MessageID != "" && e.Action != "evaluated" {
		return nil // of a message that another source knows
	}
	for _, n := range f.nodes {
		if n.head().SpanID == e.SpanID && e.SpanID != "" {
			return n
		}
	}
	return nil
}

// answerOf finds the answer that a span had a part in.
func answerOf(n *node, byNode map[*node][]*said, answers map[*turn]*said) *said {
	for up := n; up != nil; up = up.parent {
		for _, s := range byNode[up] {
			if s.row.Role == event.RoleAgent {
				return s
			}
		}
		if up.turn != nil {
			return answers[up.turn]
		}
	}
	return nil
}

// spreadTurns finds the turns of spans that are no outer ones: of what is below an outer span, its turn;
// of what is above, the turn if there is one alone; of others, such as tools beside the calls, the turn
// before.
func (f *forest) spreadTurns(turns []*turn) {
	above := map[*node]*turn{} // nil: several
	for _, t := range turns {
		for _, n := range t.nodes {
			for up := n.parent; up != nil; up = up.parent {
				if other, ok := above[up]; ok && other != t {
					above[up] = nil
				} else {
					above[up] = t
				}
			}
			n.walk(func(m *node) bool {
				m.turn = t
				return true
			})
		}
	}
	for _, n := range f.nodes {
		if n.turn != nil {
			continue
		}
		if t, ok := above[n]; ok {
			n.turn = t
		} else {
			n.turn = n.turnAt(turns)
		}
	}
}

// turnAt is the last turn that began before n, of those nearest in the tree; else the first of them.
func (n *node) turnAt(turns []*turn) *turn {
	var best *turn
	nearest := -1
	for _, t := range turns {
		near := 0
		for _, m := range t.nodes {
			near = max(near, n.meets(m))
		}
		before := order(t.nodes[0].head(), n.head()) < 0
		if near > nearest || near == nearest && before {
			best, nearest = t, near
		}
	}
	return best
}

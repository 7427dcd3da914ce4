package otel

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// parseInput is [trace.ParseMessages] of an input, without the messages before the last one of the agent.
// Every call of a model repeats the whole conversation, of which only the end is new; reading the rest
// would take most of the time that a span takes.
func parseInput(v vocab.Value, role string) []message {
	if list, ok := recent(v); ok {
		if m := trace.ParseMessages(list, role); len(m) > 0 && m[0].Role == event.RoleAgent {
			return m
		}
	}
	return trace.ParseMessages([]byte(v.JSON()), role)
}

// recent returns a list of messages from the last one on that names the agent as its author; false if v
// is no list, also in a string, or has none.
func recent(v vocab.Value) ([]byte, bool) {
	text, ok := v.Text()
	if !ok {
		text = v.JSON()
	}
	if text = strings.TrimSpace(text); !strings.HasPrefix(text, "[") {
		return nil, false
	}
	var s jsonscan.Scanner
	s.ResetCopy(text)
	from := -1
	i, more := s.Enter(0)
	for more {
		end := s.Value(i)
		if s.OK() && s.Kind(i) == '{' && isAgents(&s, i) {
			from = i
		}
		i, more = s.Next(end, ']')
	}
	if s.End(i); s.Err() != nil || from < 0 {
		return nil, false
	}
	return append([]byte{'['}, text[from:]...), true
}

// isAgents reports whether a message, which was scanned before, names the agent as its author.
func isAgents(s *jsonscan.Scanner, i int) bool {
	agents := false
	i, more := s.Enter(i)
	for more {
		end, value := s.Key(i)
		after := s.Value(value)
		if string(s.Text(i, end)) == `"role"` {
			agents = s.Kind(value) == '"' && event.RoleOf(string(s.Text(value+1, after-1))) == event.RoleAgent
		}
		i, more = s.Next(after, '}')
	}
	return agents
}

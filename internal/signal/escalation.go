package signal

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// escalation is a person who takes over.
var escalation = Definition{
	Name: "escalation", Title: "Escalated to a person", Group: Course, Dimension: Answer, Weight: -0.5,
	Rule: "A person answered in place of the copilot, or the copilot called a tool that hands over to one. Once a conversation.",
	find: func(f *finder) {
		agents := false // the copilot has spoken: else a person was meant to answer
		for i, e := range f.Events {
			agents = agents || isMessage(e) && e.Role == event.RoleAgent || e.Kind == event.KindGeneration
			switch {
			case isMessage(e) && e.Role == event.RoleHumanAgent && (agents || f.hasAgent()):
				f.conclude(i, f.lastAnswer[i], "a person took over%s", f.sinceAsked(i))
				return
			case e.Kind == event.KindTool && e.Action == "called" && !failedTool(e) && handsOver(e.ToolName):
				f.conclude(i, f.lastAnswer[i], "handed over to a person%s", f.sinceAsked(i))
				return
			}
		}
	},
}

// hasAgent reports whether the copilot says anything at all.
func (t *talk) hasAgent() bool {
	for _, m := range t.messages {
		if m.Role == event.RoleAgent {
			return true
		}
	}
	return false
}

// handsOver reports whether a tool's name says that it hands over to a person.
func handsOver(tool string) bool {
	return tool != "" && newText(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(tool)).says(handOvers)
}

var handOvers = phrasesOf("escalate", "escalation", "handoff", "hand off", "handover", "hand over", "live agent", "transfer to agent", "transfer to support", "human")

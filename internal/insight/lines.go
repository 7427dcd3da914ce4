package insight

import (
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Line is one thing that readers of a transcript look for: what was said, done, shown or rated.
type Line struct {
	At   time.Time
	Role string // of a message, an event.Role constant; else ""
	Who  string // "User", "Tool get_quote", "Feedback 4"
	Text string // what was written; "" if there is none
}

// Heading is the title of the conversation, else how it begins, else its id: on one line.
func (t *Transcript) Heading() string {
	c := &t.Conversation
	for _, h := range []string{c.Title, c.Preview} {
		if h = strings.Join(strings.Fields(h), " "); h != "" {
			return h
		}
	}
	return c.ID
}

// Lines are the transcript in words, without the events that only machines look at.
func (t *Transcript) Lines() []Line {
	var out []Line
	for _, e := range t.Events {
		if l := lineOf(e); l.Who != "" {
			l.At = e.OccurredAt
			out = append(out, l)
		}
	}
	return out
}

var speakers = map[string]string{
	event.RoleUser: "User", event.RoleAgent: "Copilot", event.RoleHumanAgent: "Human agent",
	event.RoleSystem: "System", event.RoleTool: "Tool",
}

// lineOf says an event; Who is "" if it is none to show.
func lineOf(e *event.Event) Line {
	switch e.Kind {
	case event.KindMessage:
		l := Line{Role: e.Role, Who: speakers[e.Role], Text: "(text not captured)"}
		if e.Body != nil {
			l.Text = *e.Body
		}
		return l
	case event.KindTool:
		return Line{Who: toolLine(e)}
	case event.KindArtifact:
		return Line{Who: named("Shown", e.ArtifactType)}
	case event.KindFeedback:
		return Line{Who: named("Feedback", e.RatingRaw), Text: e.Comment}
	case event.KindConversion:
		return Line{Who: named("Converted", e.ConversionName)}
	case event.KindGeneration:
		if e.Action == "failed" || e.Action == "cancelled" {
			return Line{Who: "Answer " + e.Action}
		}
	}
	return Line{}
}

func toolLine(e *event.Event) string {
	switch {
	case e.Action == "permission_answered":
		return named("Permission for "+e.ToolName, e.PermissionAnswer)
	case e.Action == "called" && e.ToolOK != nil && !*e.ToolOK:
		return named("Tool failed", e.ToolName)
	case e.Action == "called":
		return named("Tool", e.ToolName)
	}
	return ""
}

func named(what, name string) string {
	if name == "" {
		return what
	}
	return what + ": " + name
}

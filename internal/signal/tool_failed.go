package signal

import "github.com/debrief-dev/debrief/internal/event"

// toolFailed is a tool that did not do its work.
var toolFailed = Definition{
	Name: "tool_failed", Title: "Tool failed", Group: Action, Dimension: Tool, Weight: -0.3,
	Rule: "A tool did not do its work: a cause, not yet an outcome.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; e.Kind == event.KindTool && e.Action == "called" && failedTool(e) {
				f.see(i, "a tool failed")
			}
		})
	},
}

func failedTool(e *event.Event) bool { return e.ToolOK != nil && !*e.ToolOK }

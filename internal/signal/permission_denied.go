package signal

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// permissionDenied is distrust in what the agent wants to do.
var permissionDenied = Definition{
	Name: "permission_denied", Title: "Permission denied", Group: Action, Dimension: Trust, Weight: -0.4, Weights: "always −0.7, once −0.4",
	Rule: "The user did not let the agent act when it asked.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; isPermission(e) && !allows(e) {
				f.see(i, "%s", words(e.PermissionAnswer))
			}
		})
	},
}

// isPermission reports whether an event answers a request for permission, one way or the other.
func isPermission(e *event.Event) bool {
	return e.Kind == event.KindTool && e.Action == "permission_answered" && (e.SignalWeight != nil || e.PermissionAnswer != "")
}

func allows(e *event.Event) bool {
	if e.SignalWeight != nil {
		return *e.SignalWeight > 0
	}
	return strings.HasPrefix(e.PermissionAnswer, "allow")
}

// words writes one of our own names as words: "allow_once" is "allow once". Anything else is no name of ours
// and not repeated.
func words(name string) string {
	switch name {
	case "allow_once", "allow_always", "deny_once", "deny_always":
		return strings.ReplaceAll(name, "_", " ")
	}
	return "answered"
}

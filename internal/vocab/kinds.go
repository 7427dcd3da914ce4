package vocab

import (
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
)

// Known reports whether rows of a kind may have an action. A vocabulary that needs another one adds it
// to this table: metrics count by these words.
func Known(k event.Kind, action string) bool {
	return slices.Contains(actions(k), action)
}

func actions(k event.Kind) []string {
	switch k {
	case event.KindConversation:
		return []string{"started", "created", "opened", "ended", "renamed", "deleted", "favorited", "unfavorited", "restored"}
	case event.KindMessage:
		return []string{"sent", "received"}
	case event.KindGeneration:
		return []string{"completed", "failed", "cancelled", "first_token"}
	case event.KindTool:
		return []string{"called", "permission_requested", "permission_answered"}
	case event.KindArtifact:
		return []string{"media_generated", "media_requested", "component_shown"}
	case event.KindInteraction:
		return []string{
			"copied", "saved", "edited", "opened", "closed", "expanded", "located", "toggled", "scrolled", "tab_changed",
			"context_attached", "context_removed", "context_cleared", "suggestion_shown", "suggestion_used",
			"suggestion_refreshed", "suggestion_category_used", "mode_changed", "setting_changed", "parameter_changed",
			"plan_approved", "plan_rejected", "question_answered", "question_dismissed", "retried", "regenerated", "error_shown",
		}
	case event.KindFeedback:
		return []string{"rated", "commented", "evaluated"}
	case event.KindConversion:
		return []string{"converted"}
	case event.KindProduct:
		return []string{"tracked", "viewed", "traced"}
	case event.KindIdentity:
		return []string{"identified", "grouped", "aliased"}
	}
	return nil
}

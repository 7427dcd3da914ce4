package unity

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/vocab"
)

// never marks entries of the table that document further rows.
func never(*vocab.Call) bool { return false }

// notUnfavorite chooses between the two entries of a favourite.
func notUnfavorite(c *vocab.Call) bool { return c.Row.Favorite == nil || *c.Row.Favorite }

// onlyKnownFavorite takes the signal back where the event does not say which of the two it is.
func onlyKnownFavorite(c *vocab.Call) {
	if c.Row.Favorite == nil {
		c.Row.SignalDimension, c.Row.SignalWeight = "", nil
	}
}

// dropped weighs whether something dropped was taken.
func dropped(c *vocab.Call) (float64, bool) {
	if c.Row.Success == nil {
		return 0, false
	}
	if *c.Row.Success {
		return 0, true
	}
	return -0.3, true
}

// answered weighs the answer to a request for permission.
func answered(c *vocab.Call) (float64, bool) {
	switch c.Row.PermissionAnswer {
	case "allow_always":
		return 0.6, true
	case "allow_once":
		return 0.2, true
	case "deny_once":
		return -0.4, true
	case "deny_always":
		return -0.7, true
	}
	return 0, false
}

// policy weighs the new policy of a permission, by the word that it begins with.
func policy(c *vocab.Call) (float64, bool) {
	word := fold(c.Row.Value)
	switch {
	case strings.HasPrefix(word, "allow"):
		return 0.5, true
	case strings.HasPrefix(word, "ask"):
		return 0, true
	case strings.HasPrefix(word, "deny"):
		return -0.5, true
	}
	return 0, false
}

// autoRun weighs whether the agent may act unasked.
func autoRun(c *vocab.Call) (float64, bool) {
	switch fold(c.Row.Value) {
	case "true":
		return 0.5, true
	case "false":
		return -0.5, true
	}
	return 0, false
}

// leftRunning weighs whether the window was closed while an answer was being written.
func leftRunning(c *vocab.Call) (float64, bool) {
	_, v := find(c, spellings("IsAIRunning"))
	if text, _ := v.Text(); fold(text) == "true" {
		return -0.4, true
	}
	return 0, true
}

// waitedWords says what waited does.
const waitedWords = "up to 2 s 0, to 5 s −0.1, to 15 s −0.3, longer −0.5"

// waited weighs the time to the first token. The steps are a judgement.
func waited(c *vocab.Call) (float64, bool) {
	ms := c.Row.TTFTMS
	switch {
	case ms == nil:
		return 0, false
	case *ms <= 2e3:
		return 0, true
	case *ms <= 5e3:
		return -0.1, true
	case *ms <= 15e3:
		return -0.3, true
	}
	return -0.5, true
}

// checked weighs what a machine found of an answer.
func checked(c *vocab.Call) (float64, bool) {
	switch strings.ToLower(c.Row.Label) {
	case "pass", "completed", "initiated":
		return 0.5, true
	case "fail", "failed":
		return -0.5, true
	}
	return 0, false
}

// toolFailed weighs a tool that did not do its work.
func toolFailed(c *vocab.Call) (float64, bool) {
	return -0.3, c.Row.ToolOK != nil && !*c.Row.ToolOK
}

// scored weighs a rating.
func scored(c *vocab.Call) (float64, bool) {
	if c.Row.Score == nil {
		return 0, false
	}
	return 2**c.Row.Score - 1, true
}

// scope says what was rated.
func scope(c *vocab.Call) {
	switch e := c.Row; {
	case e.MessageID != "":
		e.Scope = "message"
	case e.ConversationID != "":
		e.Scope = "conversation"
	}
}

package profileapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/debrief-dev/debrief/internal/profile"
)

// getPrompt answers the paragraph for a copilot's prompt, as plain text.
func (c *call) getPrompt() error {
	limit := profile.DefaultPromptTokens
	if text := c.values.Get("max_tokens"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > profile.MaxPromptTokens {
			return invalid(fmt.Sprintf("max_tokens is a number from 1 to %d.", profile.MaxPromptTokens))
		}
	}
	text, err := c.profile.Prompt(c.r.Context(), limit)
	if errors.Is(err, profile.ErrNoPrompt) {
		return invalid("There are prompts of users only.")
	}
	if err != nil {
		return err
	}
	c.send(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
	return nil
}

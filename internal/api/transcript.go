package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// exportConversation answers one conversation as a file to read or to keep.
func (s *server) exportConversation(c *call) error {
	var scope insight.Scope
	s.conversionScope(c, &scope)
	format := c.choice("format", "md", "md", "json")
	if err := c.done(); err != nil {
		return err
	}
	t, err := s.Insight.Transcript(c.r.Context(), c.r.PathValue("id"), scope, maxTranscript)
	if err != nil {
		return err
	}
	var b strings.Builder
	typ := "text/markdown; charset=utf-8"
	if format == "json" {
		typ = "application/json"
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		if err := enc.Encode(t); err != nil {
			return fmt.Errorf("write conversation: %w", err)
		}
	} else {
		writeMarkdown(&b, t)
	}
	h := c.w.Header()
	h.Set("Content-Type", typ)
	h.Set("Content-Disposition", `attachment; filename="conversation.`+format+`"`)
	writeBytes(c.w, c.r, http.StatusOK, []byte(b.String()))
	return nil
}

// writeMarkdown writes a transcript as people read it. What users and copilots wrote is quoted line by line,
// so that nothing in it becomes markup of the file around it.
func writeMarkdown(w io.Writer, t *insight.Transcript) {
	c := &t.Conversation
	fmt.Fprintf(w, "# %s\n\n", t.Heading())
	fact := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "- %s: %s\n", name, value)
		}
	}
	fact("Conversation", c.ID)
	fact("Began", c.At.Format(time.RFC3339))
	fact("Person", c.Person)
	fact("Agent", c.AgentID)
	fact("Messages", fmt.Sprintf("%d, %d by the user", c.Messages, c.UserMessages))
	if c.Score != nil {
		fact("Score", fmt.Sprintf("%.0f of 100", *c.Score*100))
	}
	if c.Converted {
		fact("Converted", "yes")
	}
	for _, l := range t.Lines() {
		fmt.Fprintf(w, "\n**%s** · %s\n", l.Who, l.At.Format(time.TimeOnly))
		if l.Text != "" {
			fmt.Fprintf(w, "\n> %s\n", strings.ReplaceAll(strings.TrimRight(l.Text, "\n"), "\n", "\n> "))
		}
	}
	if t.Truncated {
		fmt.Fprintf(w, "\nThere is more: this file ends after %d events.\n", len(t.Events))
	}
}

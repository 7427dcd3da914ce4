package link

import (
	"encoding/json"
	"fmt"

	"github.com/debrief-dev/debrief/internal/event"
)

// Group is whose rows are linked to each other: those of one person and session, told to one source. A
// person without user id is the anonymous one. Rows without session belong together, too: the window
// alone bounds them.
type Group struct{ Source, UserID, AnonymousID, SessionID string }

// GroupOf returns the group of a row.
func GroupOf(e *event.Event) Group {
	g := Group{Source: e.Source, UserID: e.UserID, SessionID: e.SessionID}
	if g.UserID == "" {
		g.AnonymousID = e.AnonymousID
	}
	return g
}

// someone reports whether a group is more than all that is told to a source.
func (g Group) someone() bool { return g.UserID != "" || g.AnonymousID != "" || g.SessionID != "" }

// String returns the group as text that [ParseGroup] reads.
func (g Group) String() string {
	text, err := json.Marshal([]string{g.Source, g.UserID, g.AnonymousID, g.SessionID})
	if err != nil {
		panic(fmt.Sprintf("BUG: encode group: %v", err))
	}
	return string(text)
}

// ParseGroup reads what [Group.String] wrote.
func ParseGroup(text string) (Group, error) {
	var parts []string
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return Group{}, fmt.Errorf("read group of linked rows: %w", err)
	}
	if len(parts) != 4 {
		return Group{}, fmt.Errorf("read group of linked rows: %d parts, want 4", len(parts))
	}
	return Group{parts[0], parts[1], parts[2], parts[3]}, nil
}

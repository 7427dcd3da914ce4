package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// Reading is what people add while they read conversations.
type Reading interface {
	// Notes returns those of a conversation, the oldest first.
	Notes(ctx context.Context, conversation string) ([]Note, error)
	// AddNote adds one with an id and the time.
	AddNote(ctx context.Context, n Note) (Note, error)
	// DeleteNote removes one, or returns ErrNotFound.
	DeleteNote(ctx context.Context, id string) error

	// ChangeLabels adds labels to the conversations and removes others from them, all or nothing. Figures
	// follow before it returns.
	ChangeLabels(ctx context.Context, conversations, add, remove []string) error

	// Shares returns the living links to a conversation, the oldest first, without their addresses.
	Shares(ctx context.Context, conversation string) ([]Share, error)
	// CreateShare makes a link that lives so long.
	CreateShare(ctx context.Context, conversation, author string, life time.Duration) (Share, error)
	// DeleteShare takes one back at once, or returns ErrNotFound.
	DeleteShare(ctx context.Context, id string) error
}

// Note is what somebody wrote beside a conversation or one of its events.
type Note struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation_id"`
	Event        string    `json:"event_id,omitempty"` // "": of the conversation as a whole
	Author       string    `json:"author"`
	Text         string    `json:"text"`
	At           time.Time `json:"at"`
}

// Share is a link by which anybody can read a conversation, masked, until it expires.
type Share struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation_id"`
	Author       string    `json:"author"`
	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"`
	URL          string    `json:"url,omitempty"` // of a new one: it is shown once
}

// exists answers ErrNotFound for a conversation that does not.
func (s *server) exists(ctx context.Context, conversation string) error {
	_, err := s.Insight.Transcript(ctx, conversation, insight.Scope{}, 1)
	return err
}

// toWriteOn returns the conversation that the path names, which exists, and the name of who sends the request.
func (s *server) toWriteOn(c *call) (conversation, author string, err error) {
	conversation = c.r.PathValue("id")
	if err := s.exists(c.r.Context(), conversation); err != nil {
		return "", "", err
	}
	author, err = s.author(c)
	return conversation, author, err
}

// author is the name of who sends the request.
func (s *server) author(c *call) (string, error) {
	if s.Me == nil {
		return "", nil
	}
	me, err := s.Me(c.r)
	return me.Name, err
}

func (s *server) listNotes(c *call) error {
	return list(c, "notes", s.Reading, func(r Reading, ctx context.Context) ([]Note, error) {
		return r.Notes(ctx, c.r.PathValue("id"))
	})
}

func (s *server) addNote(c *call) error {
	var body struct {
		Event string `json:"event_id"`
		Text  string `json:"text"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Reading, func(r Reading, ctx context.Context) (Note, error) {
		conversation, author, err := s.toWriteOn(c)
		if err != nil {
			return Note{}, err
		}
		if err := s.hasEvent(ctx, conversation, body.Event); err != nil {
			return Note{}, err
		}
		return r.AddNote(ctx, Note{Conversation: conversation, Event: body.Event, Author: author, Text: body.Text})
	})
}

// hasEvent reports an event that is not of a conversation; none is fine.
func (s *server) hasEvent(ctx context.Context, conversation, id string) error {
	if id == "" {
		return nil
	}
	e, err := s.Insight.Event(ctx, id)
	if errors.Is(err, insight.ErrNotFound) || err == nil && e.ConversationID != conversation {
		return &bodyError{fmt.Sprintf("event_id %q is no event of this conversation", id)}
	}
	return err
}

func (s *server) deleteNote(c *call) error {
	return remove(c, s.Reading, Reading.DeleteNote, c.r.PathValue("id"))
}

// labelChange is the body of both endpoints that change labels.
type labelChange struct {
	Add    []string `json:"add"`
	Remove []string `json:"remove"`
}

func (l *labelChange) check() error {
	if len(l.Add)+len(l.Remove) == 0 || len(l.Add) > 20 || len(l.Remove) > 20 {
		return &bodyError{"name labels to add or to remove, at most 20 of each"}
	}
	for _, name := range slices.Concat(l.Add, l.Remove) {
		if strings.TrimSpace(name) != name || name == "" || len(name) > 200 || strings.ContainsAny(name, "|\\") {
			return &bodyError{fmt.Sprintf("label %q: it has 1 to 200 bytes, no space at its ends, and neither | nor \\, which part the values of a filter", name)}
		}
		if slices.Contains(l.Add, name) && slices.Contains(l.Remove, name) {
			return &bodyError{fmt.Sprintf("label %q is to be added and removed", name)}
		}
	}
	return nil
}

// labelled is how many conversations were.
type labelled struct {
	Conversations int `json:"conversations"`
}

func (s *server) labelConversation(c *call) error {
	var l labelChange
	if err := c.bodyAlone(&l, false); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Reading, func(r Reading, ctx context.Context) (labelled, error) {
		id := c.r.PathValue("id")
		if err := s.exists(ctx, id); err != nil {
			return labelled{}, err
		}
		return labelled{1}, r.ChangeLabels(ctx, []string{id}, l.Add, l.Remove)
	})
}

// labelConversations changes the labels of every conversation of the scope: what the list shows.
func (s *server) labelConversations(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	if err := c.done(); err != nil {
		return err
	}
	var l labelChange
	if err := c.body(&l, false); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Reading, func(r Reading, ctx context.Context) (labelled, error) {
		page, err := s.Insight.ListConversations(ctx, scope, insight.Page{Limit: query.MaxPage})
		if err != nil {
			return labelled{}, err
		}
		if page.Total > query.MaxPage {
			return labelled{}, fmt.Errorf("%w: %d conversations; at most %d are labelled at once: narrow the range or the filters", ErrInvalid, page.Total, query.MaxPage)
		}
		ids := make([]string, len(page.Conversations))
		for i := range ids {
			ids[i] = page.Conversations[i].ID
		}
		return labelled{len(ids)}, r.ChangeLabels(ctx, ids, l.Add, l.Remove)
	})
}

func (s *server) listShares(c *call) error {
	return list(c, "shares", s.Reading, func(r Reading, ctx context.Context) ([]Share, error) {
		return r.Shares(ctx, c.r.PathValue("id"))
	})
}

// defaultShareDays is how long a link lives when nobody says.
const defaultShareDays = 7

func (s *server) createShare(c *call) error {
	body := struct {
		Days int `json:"days"`
	}{defaultShareDays}
	if err := c.bodyAlone(&body, true); err != nil {
		return err
	}
	if body.Days < 1 || body.Days > 365 {
		return &bodyError{"days is from 1 to 365"}
	}
	return ask(c, http.StatusCreated, s.Reading, func(r Reading, ctx context.Context) (Share, error) {
		conversation, author, err := s.toWriteOn(c)
		if err != nil {
			return Share{}, err
		}
		return r.CreateShare(ctx, conversation, author, time.Duration(body.Days)*24*time.Hour)
	})
}

func (s *server) deleteShare(c *call) error {
	return remove(c, s.Reading, Reading.DeleteShare, c.r.PathValue("id"))
}

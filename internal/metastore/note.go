package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Note is what somebody wrote beside a conversation, or one of its events.
type Note struct {
	ID           string
	Conversation string
	Event        string // id; "" is the conversation as a whole
	Author       string // the name shown
	Text         string
	At           time.Time
}

// MaxNote bounds the text of a note, in code points.
const MaxNote = 10_000

// Notes returns those of a conversation, the oldest first.
func (s *Store) Notes(ctx context.Context, workspace, conversation string) ([]Note, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, conversation, event, author, text, at FROM notes WHERE workspace = ? AND conversation = ? ORDER BY at, id`, workspace, conversation)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (Note, error) {
		var n Note
		err := r.Scan(&n.ID, &n.Conversation, &n.Event, &n.Author, &n.Text, sqlite.Time(&n.At))
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return all, nil
}

// AddNote adds a note with an id and the time, and returns it.
func (s *Store) AddNote(ctx context.Context, workspace string, n Note) (Note, error) {
	if chars := utf8.RuneCountInString(n.Text); strings.TrimSpace(n.Text) == "" || chars > MaxNote || !utf8.ValidString(n.Text) {
		return Note{}, fmt.Errorf("%w: a note has 1 to %d characters", ErrInvalid, MaxNote)
	}
	id, err := s.secret("note_", 9)
	if err != nil {
		return Note{}, err
	}
	n.ID, n.At = id, s.moment()
	return n, s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO notes (id, workspace, conversation, event, author, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			n.ID, workspace, n.Conversation, n.Event, n.Author, n.Text, n.At.UnixMicro())
		if err != nil {
			return fmt.Errorf("add note: %w", err)
		}
		return s.audit(ctx, tx, "note.add", n.ID, n.Conversation)
	})
}

// DeleteNote removes a note, or returns ErrNotFound.
func (s *Store) DeleteNote(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "note", `DELETE FROM notes WHERE workspace = ? AND id = ?`, workspace, id)
}

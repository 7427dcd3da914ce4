package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// MaxLabels bounds the labels of one conversation.
const MaxLabels = 50

// ChangeLabels adds labels to conversations and removes others from them, all or nothing, and marks those
// conversations: the event store is to be told.
func (s *Store) ChangeLabels(ctx context.Context, workspace string, conversations, add, remove []string) error {
	for _, l := range add {
		if err := checkText("label", l, 1); err != nil {
			return err
		}
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, id := range conversations {
			if err := changeLabels(ctx, tx, workspace, id, add, remove); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, "conversation.label", fmt.Sprintf("%d conversations", len(conversations)), "+"+strings.Join(add, " +")+" -"+strings.Join(remove, " -"))
	})
}

func changeLabels(ctx context.Context, tx *sql.Tx, workspace, id string, add, remove []string) error {
	for _, l := range remove {
		if _, err := tx.ExecContext(ctx, `DELETE FROM labels WHERE workspace = ? AND conversation = ? AND label = ?`, workspace, id, l); err != nil {
			return fmt.Errorf("remove label: %w", err)
		}
	}
	for _, l := range add {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO labels (workspace, conversation, label) VALUES (?, ?, ?)`, workspace, id, l); err != nil {
			return fmt.Errorf("add label: %w", err)
		}
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM labels WHERE workspace = ? AND conversation = ?`, workspace, id).Scan(&n); err != nil {
		return fmt.Errorf("count labels: %w", err)
	}
	if n > MaxLabels {
		return fmt.Errorf("%w: a conversation has at most %d labels", ErrInvalid, MaxLabels)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO label_marks (workspace, conversation, change) VALUES (?, ?, 1)
		ON CONFLICT DO UPDATE SET change = change + 1`, workspace, id)
	if err != nil {
		return fmt.Errorf("mark labels: %w", err)
	}
	return nil
}

// LabelMark is a conversation whose labels the event store is to be told.
type LabelMark struct {
	Conversation string
	Change       int64    // tells the marks of one conversation apart
	Labels       []string // that it has now, in order
}

// LabelMarks returns some of the marked conversations with their labels, at most limit.
func (s *Store) LabelMarks(ctx context.Context, workspace string, limit int) ([]LabelMark, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT m.conversation, m.change, coalesce((SELECT group_concat(label, char(10) ORDER BY label)
			FROM labels l WHERE l.workspace = m.workspace AND l.conversation = m.conversation), '')
		FROM label_marks m WHERE m.workspace = ? ORDER BY m.conversation LIMIT ?`, workspace, limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (LabelMark, error) {
		var m LabelMark
		var labels string
		err := r.Scan(&m.Conversation, &m.Change, &labels)
		if labels != "" {
			m.Labels = strings.Split(labels, "\n") // a label is one line
		}
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list marks of labels: %w", err)
	}
	return all, nil
}

// RemoveLabelMarks removes the marks, but for conversations whose labels changed since.
func (s *Store) RemoveLabelMarks(ctx context.Context, workspace string, marks []LabelMark) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, m := range marks {
			if _, err := tx.ExecContext(ctx, `DELETE FROM label_marks WHERE workspace = ? AND conversation = ? AND change = ?`, workspace, m.Conversation, m.Change); err != nil {
				return fmt.Errorf("remove mark of labels: %w", err)
			}
		}
		return nil
	})
}

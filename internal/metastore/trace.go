package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// TraceMark says that a trace is to be derived, or the traces of a conversation, or that the events of a
// session are to be linked: one of Trace, Conversation and Session is set, and tells marks apart. Package
// derive says what the rest means.
type TraceMark struct {
	Trace, Conversation, Session string

	Position    uint64
	Due         time.Time
	From, Until time.Time
	Root        bool
}

// TraceMarks returns all marks of a workspace.
func (s *Store) TraceMarks(ctx context.Context, workspace string) ([]TraceMark, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT trace, conversation, session, position, due, first_at, last_at, root FROM trace_marks
		WHERE workspace = ? ORDER BY trace, conversation, session`, workspace)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (TraceMark, error) {
		var m TraceMark
		err := r.Scan(&m.Trace, &m.Conversation, &m.Session, &m.Position, sqlite.Time(&m.Due), sqlite.Time(&m.From), sqlite.Time(&m.Until), &m.Root)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list marks of traces: %w", err)
	}
	return all, nil
}

// PutTraceMarks adds marks or replaces them, all or nothing. Times are kept to the microsecond.
func (s *Store) PutTraceMarks(ctx context.Context, workspace string, marks []TraceMark) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO trace_marks (workspace, trace, conversation, session, position, due, first_at, last_at, root)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return fmt.Errorf("prepare marks of traces: %w", err)
		}
		defer func() { _ = put.Close() }()
		for _, m := range marks {
			if _, err := put.ExecContext(ctx, workspace, m.Trace, m.Conversation, m.Session, int64(m.Position), m.Due.UnixMicro(), m.From.UnixMicro(), m.Until.UnixMicro(), m.Root); err != nil {
				return fmt.Errorf("put mark of a trace: %w", err)
			}
		}
		return nil
	})
}

// RemoveTraceMarks removes those of the marks that are stored with the same position and due time.
func (s *Store) RemoveTraceMarks(ctx context.Context, workspace string, marks []TraceMark) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		remove, err := tx.PrepareContext(ctx, `DELETE FROM trace_marks WHERE workspace = ? AND trace = ? AND conversation = ? AND session = ? AND position = ? AND due = ?`)
		if err != nil {
			return fmt.Errorf("prepare marks of traces: %w", err)
		}
		defer func() { _ = remove.Close() }()
		for _, m := range marks {
			if _, err := remove.ExecContext(ctx, workspace, m.Trace, m.Conversation, m.Session, int64(m.Position), m.Due.UnixMicro()); err != nil {
				return fmt.Errorf("remove mark of a trace: %w", err)
			}
		}
		return nil
	})
}

// TracedConversations returns the conversations of a workspace that have had traces, the newest last.
func (s *Store) TracedConversations(ctx context.Context, workspace string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT conversation FROM traced_conversations WHERE workspace = ? ORDER BY id`, workspace)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (id string, err error) { err = r.Scan(&id); return })
	if err != nil {
		return nil, fmt.Errorf("list traced conversations: %w", err)
	}
	return all, nil
}

// AddTracedConversations adds conversations that have had traces.
func (s *Store) AddTracedConversations(ctx context.Context, workspace string, ids []string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO traced_conversations (workspace, conversation) VALUES (?, ?)`, workspace, id); err != nil {
				return fmt.Errorf("add traced conversation: %w", err)
			}
		}
		return nil
	})
}

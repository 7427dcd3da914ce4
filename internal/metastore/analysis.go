package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// AnalysisMark says that a conversation is to be analysed; package analysis says what the rest means.
type AnalysisMark struct {
	Conversation string
	Class        int // AnalysisCame, AnalysisNeighbour or AnalysisTime
	Position     uint64
	First, Due   time.Time
}

// Classes of marks.
const (
	AnalysisCame      = 0 // something came
	AnalysisNeighbour = 1 // another conversation of the person came
	AnalysisTime      = 2 // time decides
)

// NoteConversations marks conversations in which something came, durably: each is due quiet after now, but not
// later than longest after the first mark since it was last analysed.
func (s *Store) NoteConversations(ctx context.Context, workspace string, ids []string, position uint64, now time.Time, quiet, longest time.Duration) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, `INSERT INTO analysis_marks (workspace, conversation, class, position, first_at, due) VALUES (?1, ?2, 0, ?3, ?4, ?5)
			ON CONFLICT (workspace, conversation) DO UPDATE SET
				position = max(position, excluded.position),
				due = CASE class WHEN 2 THEN excluded.due ELSE min(excluded.due, first_at + ?6) END,
				first_at = CASE class WHEN 2 THEN excluded.first_at ELSE first_at END,
				class = 0`)
		if err != nil {
			return fmt.Errorf("prepare marks of conversations: %w", err)
		}
		defer func() { _ = put.Close() }()
		for _, id := range ids {
			if _, err := put.ExecContext(ctx, workspace, id, int64(position), now.UnixMicro(), now.Add(quiet).UnixMicro(), longest.Microseconds()); err != nil {
				return fmt.Errorf("mark conversation: %w", err)
			}
		}
		return nil
	})
}

// DueConversations returns the marks whose time has come and whose rows are stored up to the cursor, at most
// limit, the longest due first.
func (s *Store) DueConversations(ctx context.Context, workspace string, now time.Time, cursor uint64, limit int) ([]AnalysisMark, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT conversation, class, position, first_at, due FROM analysis_marks
		WHERE workspace = ? AND due <= ? AND position <= ? ORDER BY due LIMIT ?`, workspace, now.UnixMicro(), int64(cursor), limit)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (AnalysisMark, error) {
		var m AnalysisMark
		err := r.Scan(&m.Conversation, &m.Class, &m.Position, sqlite.Time(&m.First), sqlite.Time(&m.Due))
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list marks of conversations: %w", err)
	}
	return all, nil
}

// SettleConversations removes those of the marks that are stored exactly so, and not those renewed since; and
// adds others, unless their conversation has a mark already that is due sooner or for a better reason. All or
// nothing.
func (s *Store) SettleConversations(ctx context.Context, workspace string, done, add []AnalysisMark) error {
	if len(done)+len(add) == 0 {
		return nil
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		remove, err := tx.PrepareContext(ctx, `DELETE FROM analysis_marks WHERE workspace = ? AND conversation = ? AND class = ? AND position = ? AND due = ?`)
		if err != nil {
			return fmt.Errorf("prepare marks of conversations: %w", err)
		}
		defer func() { _ = remove.Close() }()
		for _, m := range done {
			if _, err := remove.ExecContext(ctx, workspace, m.Conversation, m.Class, int64(m.Position), m.Due.UnixMicro()); err != nil {
				return fmt.Errorf("remove mark of a conversation: %w", err)
			}
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO analysis_marks (workspace, conversation, class, position, first_at, due) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (workspace, conversation) DO UPDATE SET class = excluded.class, due = excluded.due, first_at = excluded.first_at
			WHERE class = 2 AND (excluded.class < 2 OR excluded.due < due)`)
		if err != nil {
			return fmt.Errorf("prepare marks of conversations: %w", err)
		}
		defer func() { _ = put.Close() }()
		for _, m := range add {
			if _, err := put.ExecContext(ctx, workspace, m.Conversation, m.Class, int64(m.Position), m.First.UnixMicro(), m.Due.UnixMicro()); err != nil {
				return fmt.Errorf("add mark of a conversation: %w", err)
			}
		}
		return nil
	})
}

// WaitingConversations counts the marks that are not of time alone, and returns when the next of all is due;
// zero if there is none.
func (s *Store) WaitingConversations(ctx context.Context, workspace string) (waiting int64, next time.Time, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM analysis_marks WHERE workspace = ?1 AND class < 2), (SELECT min(due) FROM analysis_marks WHERE workspace = ?1)`, workspace).Scan(&waiting, sqlite.Time(&next))
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count marks of conversations: %w", err)
	}
	return waiting, next, nil
}

// AnalysisState is how far the analysis of a workspace's history is.
type AnalysisState struct {
	Generation int64 // grows with each change that makes history be analysed again
	Target     int64
	Cursor     string
	Finished   bool
	Learned    string // JSON; "" for nothing
}

// AnalysisState returns it; the zero value at first.
func (s *Store) AnalysisState(ctx context.Context, workspace string) (AnalysisState, error) {
	var a AnalysisState
	rows, err := s.db.QueryContext(ctx, `SELECT generation, target, cursor, finished, learned FROM analysis_state WHERE workspace = ?`, workspace)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (AnalysisState, error) {
		return a, r.Scan(&a.Generation, &a.Target, &a.Cursor, &a.Finished, &a.Learned)
	})
	if err != nil {
		return a, fmt.Errorf("read state of analysis: %w", err)
	}
	if len(all) == 0 {
		return AnalysisState{}, nil
	}
	return a, nil
}

const ensureAnalysisState = `INSERT OR IGNORE INTO analysis_state (workspace, generation, target, cursor, finished, learned) VALUES (?, 0, 0, '', 0, '')`

// SetAnalysisProgress stores how far history is analysed for a version.
func (s *Store) SetAnalysisProgress(ctx context.Context, workspace string, target int64, cursor string, finished bool) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, ensureAnalysisState, workspace); err != nil {
			return fmt.Errorf("write progress of analysis: %w", err)
		}
		_, err := tx.ExecContext(ctx, `UPDATE analysis_state SET target = ?, cursor = ?, finished = ? WHERE workspace = ?`, target, cursor, finished, workspace)
		if err != nil {
			return fmt.Errorf("write progress of analysis: %w", err)
		}
		return nil
	})
}

// SetLearned stores what was learned and raises the generation, if what is used changed.
func (s *Store) SetLearned(ctx context.Context, workspace, learned string, raise bool) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, ensureAnalysisState, workspace); err != nil {
			return fmt.Errorf("write what was learned: %w", err)
		}
		_, err := tx.ExecContext(ctx, `UPDATE analysis_state SET learned = ?, generation = generation + ? WHERE workspace = ?`, learned, raise, workspace)
		if err != nil {
			return fmt.Errorf("write what was learned: %w", err)
		}
		return nil
	})
}

// RaiseGeneration makes history be analysed again.
func (s *Store) RaiseGeneration(ctx context.Context, workspace string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error { return raiseGeneration(ctx, tx, workspace) })
}

func raiseGeneration(ctx context.Context, tx *sql.Tx, workspace string) error {
	if _, err := tx.ExecContext(ctx, ensureAnalysisState, workspace); err != nil {
		return fmt.Errorf("raise generation of analysis: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE analysis_state SET generation = generation + 1 WHERE workspace = ?`, workspace); err != nil {
		return fmt.Errorf("raise generation of analysis: %w", err)
	}
	return nil
}

// SignalSettings returns what people changed of signals: JSON by name.
func (s *Store) SignalSettings(ctx context.Context, workspace string) (map[string]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT signal, setting FROM signal_settings WHERE workspace = ?`, workspace)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (p [2]string, err error) { err = r.Scan(&p[0], &p[1]); return })
	if err != nil {
		return nil, fmt.Errorf("list settings of signals: %w", err)
	}
	out := make(map[string]string, len(all))
	for _, p := range all {
		out[p[0]] = p[1]
	}
	return out, nil
}

// SetSignalSetting stores what somebody changed of a signal, "" for nothing any more, and raises the
// generation.
func (s *Store) SetSignalSetting(ctx context.Context, workspace, signal, setting string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		statement, args := `INSERT OR REPLACE INTO signal_settings (workspace, signal, setting) VALUES (?, ?, ?)`, []any{workspace, signal, setting}
		if setting == "" {
			statement, args = `DELETE FROM signal_settings WHERE workspace = ? AND signal = ?`, args[:2]
		}
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("write setting of signal %s: %w", signal, err)
		}
		return raiseGeneration(ctx, tx, workspace)
	})
}

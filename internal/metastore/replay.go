package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// ReplayJob is one replay of held calls.
type ReplayJob struct {
	ID        int64
	CreatedAt time.Time
	CreatedBy string
	Total     int64 // calls selected
	Waiting   int64 // queued or replaying
	Replayed  int64 // stored
	// FinishedAt is when none waited any more; zero before.
	FinishedAt time.Time
}

// QueueReplay selects held calls for a replay.
func (s *Store) QueueReplay(ctx context.Context, workspace, by string, f HeldFilter) (ReplayJob, error) {
	f.Statuses = []Status{StatusHeld}
	where, args := f.sql(workspace)
	now := s.moment()
	j := ReplayJob{CreatedAt: now, CreatedBy: by}
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO replay_jobs (workspace, created_at, created_by, total) VALUES (?, ?, ?, 0) RETURNING id`,
			workspace, now.UnixMicro(), by).Scan(&j.ID)
		if err != nil {
			return fmt.Errorf("add replay: %w", err)
		}
		r, err := tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, job = ?, position = NULL WHERE `+where, append([]any{StatusQueued, j.ID}, args...)...)
		if err != nil {
			return fmt.Errorf("select for replay: %w", err)
		}
		if j.Total, err = r.RowsAffected(); err != nil {
			return fmt.Errorf("select for replay: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE replay_jobs SET total = ? WHERE id = ?`, j.Total, j.ID); err != nil {
			return fmt.Errorf("add replay: %w", err)
		}
		j.Waiting = j.Total
		return s.audit(ctx, tx, "quarantine.replay", strconv.FormatInt(j.ID, 10), f.describe())
	})
	return j, err
}

// ReplayJob returns how far a replay is, or ErrNotFound.
func (s *Store) ReplayJob(ctx context.Context, workspace string, id int64) (ReplayJob, error) {
	j := ReplayJob{ID: id}
	var replayed int64
	err := s.db.QueryRowContext(ctx, `SELECT created_at, created_by, total, replayed, finished_at,
			(SELECT count(*) FROM quarantine WHERE job = j.id AND status IN ('queued', 'replaying')),
			(SELECT count(*) FROM quarantine WHERE job = j.id AND status = 'replayed')
		FROM replay_jobs j WHERE workspace = ? AND id = ?`, workspace, id).
		Scan(sqlite.Time(&j.CreatedAt), &j.CreatedBy, &j.Total, &replayed, sqlite.Time(&j.FinishedAt), &j.Waiting, &j.Replayed)
	if !j.FinishedAt.IsZero() {
		j.Replayed = replayed
	}
	return j, notFound(err, "replay", strconv.FormatInt(id, 10))
}

// Queued returns the calls that are to be put into the event log again, the longest held first.
func (s *Store) Queued(ctx context.Context, workspace string, limit int) ([]HeldCall, error) {
	return s.heldCalls(ctx, `workspace = ? AND status = ? ORDER BY id LIMIT ?`, workspace, StatusQueued, limit)
}

// Replaying returns calls that are in the event log again, up to a position.
func (s *Store) Replaying(ctx context.Context, workspace string, upTo uint64, limit int) ([]HeldCall, error) {
	return s.heldCalls(ctx, `workspace = ? AND status = ? AND position <= ? ORDER BY id LIMIT ?`, workspace, StatusReplaying, int64(upTo), limit)
}

// ReplayMark says that calls are in the event log again, for the replays up to a job.
type ReplayMark struct {
	IDs      []int64
	Job      int64
	Position uint64
}

// MarkReplaying notes that queued calls are in the event log again. Calls that are no longer queued, or
// queued by a newer replay, stay as they are: the pipeline may have been quicker.
func (s *Store) MarkReplaying(ctx context.Context, marks []ReplayMark) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, m := range marks {
			_, err := tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, position = ? WHERE status = ? AND job <= ? AND id IN (SELECT value FROM json_each(?))`,
				StatusReplaying, int64(m.Position), StatusQueued, m.Job, mustJSON(m.IDs))
			if err != nil {
				return fmt.Errorf("note replay: %w", err)
			}
		}
		return nil
	})
}

// Requeue puts calls that are beyond the end of the event log back into the queue: the log is another one.
func (s *Store) Requeue(ctx context.Context, workspace string, end uint64) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, position = NULL WHERE workspace = ? AND status = ? AND position > ?`,
			StatusQueued, workspace, StatusReplaying, int64(end))
		if err != nil {
			return fmt.Errorf("queue replay again: %w", err)
		}
		return nil
	})
}

// ResolveReplay notes which replaying calls are stored; the others are held again.
func (s *Store) ResolveReplay(ctx context.Context, stored, others []int64) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		now := s.now().UnixMicro()
		_, err := tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, replayed_at = ? WHERE status = ? AND id IN (SELECT value FROM json_each(?))`,
			StatusReplayed, now, StatusReplaying, mustJSON(stored))
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, held_at = ?, position = NULL WHERE status = ? AND id IN (SELECT value FROM json_each(?))`,
				StatusHeld, now, StatusReplaying, mustJSON(others))
		}
		if err != nil {
			return fmt.Errorf("end replay: %w", err)
		}
		return nil
	})
}

// FinishReplays notes the replays of which no call waits any more.
func (s *Store) FinishReplays(ctx context.Context, workspace string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE replay_jobs AS j SET finished_at = ?, replayed = (SELECT count(*) FROM quarantine WHERE job = j.id AND status = 'replayed')
			WHERE workspace = ? AND finished_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM quarantine WHERE job = j.id AND status IN ('queued', 'replaying'))`, s.now().UnixMicro(), workspace)
		if err != nil {
			return fmt.Errorf("finish replays: %w", err)
		}
		return nil
	})
}

// mustJSON writes a list of numbers or strings.
func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("BUG: encode %T: %v", v, err))
	}
	if string(b) == "null" {
		return "[]"
	}
	return string(b)
}

package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Hold keeps calls, all or nothing. A call with the event id of one of the same source that is kept
// already replaces its verdict; what was kept first is what will be replayed. One that comes from a replay is held again;
// any other leaves the state as it is and is a further copy, unless its place in the log says that it is
// the same copy, handed over twice.
func (s *Store) Hold(ctx context.Context, workspace string, calls []HeldCall) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, insertHeld)
		if err != nil {
			return fmt.Errorf("hold calls: %w", err)
		}
		defer func() { _ = insert.Close() }()
		counts := map[violationDayKey]*ViolationCount{}
		for i := range calls {
			first, err := s.holdFirst(ctx, insert, workspace, &calls[i])
			if err == nil && !first {
				err = s.holdAgain(ctx, tx, workspace, &calls[i])
			}
			if err != nil {
				return fmt.Errorf("hold call %s of %s: %w", calls[i].EventID, calls[i].Source, err)
			}
			if first {
				mergeCounts(counts, calls[i].Counts)
			}
		}
		merged := make([]ViolationCount, 0, len(counts))
		for _, c := range counts {
			merged = append(merged, *c)
		}
		return s.addViolations(ctx, tx, workspace, merged)
	})
}

// violationDayKey is what counts are added up by.
type violationDayKey struct {
	ViolationKey
	day int64
}

// mergeCounts adds counts to those that are there.
func mergeCounts(into map[violationDayKey]*ViolationCount, counts []ViolationCount) {
	for _, c := range counts {
		key := violationDayKey{c.ViolationKey, dayNumber(c.Day)}
		have := into[key]
		if have == nil {
			into[key] = &c
			continue
		}
		have.N += c.N
		if c.First.Before(have.First) {
			have.First = c.First
		}
		if c.Last.After(have.Last) {
			have.Last = c.Last
		}
		if len(have.Examples) < KeptExamples {
			have.Examples = append(slices.Clone(have.Examples), c.Examples...)
		}
	}
}

// holdAgain notes a further copy, or a further verdict, of a call that is kept.
func (s *Store) holdAgain(ctx context.Context, tx *sql.Tx, workspace string, h *HeldCall) error {
	old, err := scanHeld(tx.QueryRowContext(ctx, `SELECT `+heldColumns+` FROM quarantine WHERE workspace = ? AND source = ? AND event_id = ?`,
		workspace, h.Source, h.EventID))
	if err != nil {
		return err
	}
	newer := h.Seq > old.Seq || h.Seq == old.Seq && h.Place > old.Place
	copies := old.Copies
	if newer && !h.Replay {
		copies++
	}
	if !newer {
		h.Seq, h.Place = old.Seq, old.Place
	}
	if _, err := tx.ExecContext(ctx, `UPDATE quarantine SET copies = ?, seq = ?, place = ? WHERE id = ?`, copies, h.Seq, h.Place, old.ID); err != nil {
		return err
	}
	again := h.Replay && (old.Status == StatusQueued || old.Status == StatusReplaying)
	if !again && old.Status != StatusHeld {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE quarantine SET action = ?, plan = ?, version = ?, code = ?, violations = ?, status = ?, held_at = ?, position = NULL WHERE id = ?`,
		h.Action, h.Plan, h.Version, h.Code, string(h.Violations), StatusHeld, s.now().UnixMicro(), old.ID)
	return err
}

const insertHeld = `INSERT INTO quarantine (workspace, source, event_id, received_at, type, event, action, plan, version, code, violations,
	request, seq, place, status, held_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

// holdFirst keeps a call, and reports false if it is kept already.
func (s *Store) holdFirst(ctx context.Context, insert *sql.Stmt, workspace string, h *HeldCall) (bool, error) {
	r, err := insert.ExecContext(ctx, workspace, h.Source, h.EventID, h.ReceivedAt.UnixMicro(), h.Type, h.Event, h.Action, h.Plan, h.Version,
		h.Code, string(h.Violations), h.Request, h.Seq, h.Place, StatusHeld, s.now().UnixMicro())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

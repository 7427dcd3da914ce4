package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Outcome is what became of a call, or what was noted on it.
type Outcome string

// The outcomes that are counted. Reject, Repair, Violation and Held have a code.
const (
	Accepted  Outcome = "accepted"  // stored as an event
	Duplicate Outcome = "duplicate" // its event id was stored before
	Conflict  Outcome = "conflict"  // a duplicate whose content differs; counted as a duplicate too
	Reject    Outcome = "reject"    // refused
	Repair    Outcome = "repair"    // said something in an odd way that was understood
	Violation Outcome = "violation" // did not conform
	Held      Outcome = "held"      // held back by a tracking plan
	Masked    Outcome = "masked"    // not calls: what redaction masked in them; the code is the rule
)

// KeptRejections is how many rejected calls of a workspace are kept; older ones are only counted.
const KeptRejections = 10_000

// Count is the number of calls of a source with an outcome on a day.
type Count struct {
	Source  string
	Day     time.Time // of receipt; cut to the day in UTC
	Outcome Outcome
	Code    string
	N       int64
}

// Rejection is a call that was refused.
type Rejection struct {
	ID      int64 // ascending; set by the store
	Source  string
	At      time.Time // of receipt
	EventID string
	Type    string // call type, if it was known
	Code    string
	Message string
	Call    []byte // what was sent, if it was small enough to keep
}

// Tally is what became of the calls of a stretch of the event log.
type Tally struct {
	Workspace string
	// Position is the log position that the tally reaches up to. A tally that does not reach further
	// than the ones before it changes nothing, so that a replay after a crash counts nothing twice.
	// 0 counts always.
	Position   uint64
	Counts     []Count
	Rejections []Rejection // counted by Counts, not by being here
	Violations []ViolationCount
	Duplicates []DuplicateCount
}

// AddTally adds to the counters and to the list of rejections, all or nothing.
func (s *Store) AddTally(ctx context.Context, t Tally) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		fresh, err := advance(ctx, tx, t)
		if err != nil || !fresh {
			return err
		}
		for _, c := range t.Counts {
			_, err := tx.ExecContext(ctx, `INSERT INTO counters (workspace, source, day, outcome, code, n) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET n = n + excluded.n`, t.Workspace, c.Source, dayNumber(c.Day), c.Outcome, c.Code, c.N)
			if err != nil {
				return fmt.Errorf("count calls of %s: %w", c.Source, err)
			}
		}
		for _, r := range t.Rejections {
			_, err := tx.ExecContext(ctx, `INSERT INTO rejections (workspace, source, at, event_id, type, code, message, call) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				t.Workspace, r.Source, r.At.UnixMicro(), r.EventID, r.Type, r.Code, r.Message, r.Call)
			if err != nil {
				return fmt.Errorf("keep rejected call of %s: %w", r.Source, err)
			}
		}
		if err := s.addViolations(ctx, tx, t.Workspace, t.Violations); err != nil {
			return err
		}
		if err := s.addDuplicates(ctx, tx, t.Workspace, t.Duplicates); err != nil {
			return err
		}
		if len(t.Rejections) == 0 {
			return nil
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM rejections WHERE workspace = ? AND id <=
			(SELECT id FROM rejections WHERE workspace = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`, t.Workspace, t.Workspace, KeptRejections)
		if err != nil {
			return fmt.Errorf("clear old rejections: %w", err)
		}
		return nil
	})
}

// advance notes how far the tally reaches and reports whether it says anything new.
func advance(ctx context.Context, tx *sql.Tx, t Tally) (bool, error) {
	if t.Position == 0 {
		return true, nil
	}
	var at int64
	err := tx.QueryRowContext(ctx, `SELECT position FROM tallied WHERE workspace = ?`, t.Workspace).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read position of counters: %w", err)
	}
	if uint64(at) >= t.Position {
		return false, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO tallied (workspace, position) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET position = excluded.position`, t.Workspace, int64(t.Position))
	if err != nil {
		return false, fmt.Errorf("note position of counters: %w", err)
	}
	return true, nil
}

// Tallied returns the position that the counters of a workspace have reached, 0 at first.
func (s *Store) Tallied(ctx context.Context, workspace string) (uint64, error) {
	var at int64
	err := s.db.QueryRowContext(ctx, `SELECT position FROM tallied WHERE workspace = ?`, workspace).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read position of counters: %w", err)
	}
	return uint64(at), nil
}

// Counts returns the counters of the days that [from, until) touches, by day, source, outcome and code.
// An empty source is all of them; a zero bound is open.
func (s *Store) Counts(ctx context.Context, workspace, source string, from, until time.Time) ([]Count, error) {
	first, end := int64(-1<<62), int64(1<<62)
	if !from.IsZero() {
		first = dayNumber(from)
	}
	if !until.IsZero() {
		end = dayNumber(until.Add(-1)) + 1
	}
	rows, err := s.db.QueryContext(ctx, `SELECT source, day, outcome, code, n FROM counters
		WHERE workspace = ? AND (? = '' OR source = ?) AND day >= ? AND day < ? ORDER BY day, source, outcome, code`,
		workspace, source, source, first, end)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (Count, error) {
		var c Count
		var day int64
		err := r.Scan(&c.Source, &day, &c.Outcome, &c.Code, &c.N)
		c.Day = time.Unix(day*86400, 0).UTC()
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list counters: %w", err)
	}
	return all, nil
}

// MaskedCounts is [Store.Counts] of what was masked alone.
func (s *Store) MaskedCounts(ctx context.Context, workspace string, from, until time.Time) ([]Count, error) {
	all, err := s.Counts(ctx, workspace, "", from, until)
	return slices.DeleteFunc(all, func(c Count) bool { return c.Outcome != Masked }), err
}

// Rejections returns the newest rejected calls, newest first, at most limit: of one source or, with
// "", of all; older than the rejection with id before, unless that is 0.
func (s *Store) Rejections(ctx context.Context, workspace, source string, before int64, limit int) ([]Rejection, error) {
	if before == 0 {
		before = 1 << 62
	}
	return sqlite.List(ctx, s.db, "list rejections", scanRejection, `SELECT id, source, at, event_id, type, code, message, call FROM rejections
		WHERE workspace = ? AND (? = '' OR source = ?) AND id < ? ORDER BY id DESC LIMIT ?`, workspace, source, source, before, limit)
}

// dayNumber is the day of a time in UTC, counted from 1970.
func dayNumber(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		s -= 86399
	}
	return s / 86400
}

// RejectionsOf returns the kept rejected calls with these event ids, the newest first.
func (s *Store) RejectionsOf(ctx context.Context, workspace string, eventIDs []string) ([]Rejection, error) {
	return sqlite.List(ctx, s.db, "find rejections", scanRejection, `SELECT id, source, at, event_id, type, code, message, call FROM rejections
		WHERE workspace = ? AND event_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`, workspace, mustJSON(eventIDs))
}

func scanRejection(r sqlite.Scanner) (Rejection, error) {
	var x Rejection
	err := r.Scan(&x.ID, &x.Source, sqlite.Time(&x.At), &x.EventID, &x.Type, &x.Code, &x.Message, &x.Call)
	return x, err
}

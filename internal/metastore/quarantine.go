package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Status is the state of a call in quarantine.
type Status string

// The states. A replay takes a call from held over queued and replaying to replayed, or back to held.
const (
	StatusHeld      Status = "held"
	StatusQueued    Status = "queued"    // to be put into the event log again
	StatusReplaying Status = "replaying" // in the event log again, at its position
	StatusReplayed  Status = "replayed"  // stored
	StatusDiscarded Status = "discarded"
)

// KeptQuarantine is how long replayed and discarded calls stay readable. Held ones stay until somebody
// decides.
const KeptQuarantine = 30 * 24 * time.Hour

// HeldCall is a call that a tracking plan held back.
type HeldCall struct {
	ID         int64 // ascending; set by the store
	Source     string
	EventID    string
	ReceivedAt time.Time
	Type       string // call type
	Event      string // name
	Action     string
	Plan       string
	Version    int
	Code       string // kind of the first violation
	Violations []byte // a JSON array
	Request    []byte // as the event log encodes it, with this call alone
	Copies     int64  // how often it came; set by the store
	// Seq and Place are those of the newest copy: record of the log, call of the request.
	Seq, Place int64
	// Replay says that it was received before and held again now; not stored.
	Replay bool
	// Counts are its violations, counted if the call is new to the store; not read back.
	Counts []ViolationCount

	Status      Status
	HeldAt      time.Time // the last time
	Job         int64     // the newest replay; 0: none
	Position    uint64    // in the log, of a replaying one
	ReplayedAt  time.Time
	DiscardedAt time.Time
}

const heldColumns = `id, source, event_id, received_at, type, event, action, plan, version, code, violations, request, copies, seq, place,
	status, held_at, job, position, replayed_at, discarded_at`

func scanHeld(r sqlite.Scanner) (HeldCall, error) {
	var h HeldCall
	var job, position sql.NullInt64
	err := r.Scan(&h.ID, &h.Source, &h.EventID, sqlite.Time(&h.ReceivedAt), &h.Type, &h.Event, &h.Action, &h.Plan, &h.Version, &h.Code, &h.Violations, &h.Request,
		&h.Copies, &h.Seq, &h.Place, &h.Status, sqlite.Time(&h.HeldAt), &job, &position, sqlite.Time(&h.ReplayedAt), sqlite.Time(&h.DiscardedAt))
	h.Job, h.Position = job.Int64, uint64(position.Int64)
	return h, err
}

// HeldFilter selects calls in quarantine; empty members select all.
type HeldFilter struct {
	IDs          []string // of entries; those that are no ids select nothing
	Source       string
	Event        string
	Code         string // kind of any violation
	Plan, Action string
	Statuses     []Status
}

// sql returns the condition and its arguments.
func (f *HeldFilter) sql(workspace string) (string, []any) {
	where, args := `workspace = ?`, []any{workspace}
	add := func(cond string, arg any) { where, args = where+" AND "+cond, append(args, arg) }
	for _, c := range []struct{ column, value string }{{"source", f.Source}, {"event", f.Event}, {"plan", f.Plan}, {"action", f.Action}} {
		if c.value != "" {
			add(c.column+" = ?", c.value)
		}
	}
	if f.Code != "" {
		add(`EXISTS (SELECT 1 FROM json_each(violations) WHERE json_extract(value, '$.kind') = ?)`, f.Code)
	}
	if len(f.IDs) > 0 {
		ids := []int64{}
		for _, id := range f.IDs {
			if n, err := strconv.ParseInt(id, 10, 64); err == nil {
				ids = append(ids, n)
			}
		}
		add(`id IN (SELECT value FROM json_each(?))`, mustJSON(ids))
	}
	if len(f.Statuses) > 0 {
		add(`status IN (SELECT value FROM json_each(?))`, mustJSON(f.Statuses))
	}
	return where, args
}

// HeldCalls returns a page of the calls, the newest first: at most limit, older than the one with id before,
// unless that is 0.
func (s *Store) HeldCalls(ctx context.Context, workspace string, f HeldFilter, before int64, limit int) ([]HeldCall, error) {
	where, args := f.sql(workspace)
	if before > 0 {
		where, args = where+` AND id < ?`, append(args, before)
	}
	return s.heldCalls(ctx, where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
}

func (s *Store) heldCalls(ctx context.Context, where string, args ...any) ([]HeldCall, error) {
	return sqlite.List(ctx, s.db, "list quarantine", scanHeld, `SELECT `+heldColumns+` FROM quarantine WHERE `+where, args...)
}

// HeldCallsOf returns the calls in quarantine with these event ids, whatever their state.
func (s *Store) HeldCallsOf(ctx context.Context, workspace string, eventIDs []string) ([]HeldCall, error) {
	return s.heldCalls(ctx, `workspace = ? AND event_id IN (SELECT value FROM json_each(?)) ORDER BY id`, workspace, mustJSON(eventIDs))
}

// HeldCallsLike returns at most 100 calls in quarantine whose event id begins with a text.
func (s *Store) HeldCallsLike(ctx context.Context, workspace, prefix string) ([]HeldCall, error) {
	return s.heldCalls(ctx, `workspace = ? AND event_id >= ? AND event_id < ? ORDER BY id LIMIT 100`, workspace, prefix, prefix+"\U0010ffff")
}

// HeldGroup is a number of calls held back for the same reason.
type HeldGroup struct {
	Source, Event, Type, Action, Code, Plan string
	N                                       int64
	First, Last                             time.Time // of receipt
}

// HeldGroups returns the largest groups, at most limit, and how many calls all groups have.
func (s *Store) HeldGroups(ctx context.Context, workspace string, f HeldFilter, limit int) ([]HeldGroup, int64, error) {
	where, args := f.sql(workspace)
	var total int64
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM quarantine WHERE `+where, args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count quarantine: %w", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT source, event, type, action, code, plan, count(*), min(received_at), max(received_at) FROM quarantine
		WHERE `+where+` GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC, 1, 2, 3, 4, 5, 6 LIMIT ?`, append(args, limit)...)
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (HeldGroup, error) {
		var g HeldGroup
		err := r.Scan(&g.Source, &g.Event, &g.Type, &g.Action, &g.Code, &g.Plan, &g.N, sqlite.Time(&g.First), sqlite.Time(&g.Last))
		return g, err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("group quarantine: %w", err)
	}
	return all, total, nil
}

// Discard gives held calls up and returns how many. They are removed after [KeptQuarantine].
func (s *Store) Discard(ctx context.Context, workspace string, f HeldFilter) (int64, error) {
	f.Statuses = []Status{StatusHeld}
	where, args := f.sql(workspace)
	var n int64
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE quarantine SET status = ?, discarded_at = ? WHERE `+where,
			append([]any{StatusDiscarded, s.now().UnixMicro()}, args...)...)
		if err != nil {
			return fmt.Errorf("discard: %w", err)
		}
		if n, err = r.RowsAffected(); err != nil {
			return fmt.Errorf("discard: %w", err)
		}
		return s.audit(ctx, tx, "quarantine.discard", strconv.FormatInt(n, 10), f.describe())
	})
	return n, err
}

// describe says what was selected, for the audit log.
func (f *HeldFilter) describe() string {
	if len(f.IDs) > 0 {
		return fmt.Sprintf("ids=%d", len(f.IDs))
	}
	return fmt.Sprintf("source=%q event=%q code=%q plan=%q action=%q", f.Source, f.Event, f.Code, f.Plan, f.Action)
}

// PurgeQuarantine removes the calls that were replayed or discarded longer than [KeptQuarantine] ago.
func (s *Store) PurgeQuarantine(ctx context.Context, workspace string) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM quarantine WHERE workspace = ? AND (status = ? AND replayed_at < ?3 OR status = ? AND discarded_at < ?3)`,
			workspace, StatusReplayed, s.now().Add(-KeptQuarantine).UnixMicro(), StatusDiscarded)
		if err != nil {
			return fmt.Errorf("clear quarantine: %w", err)
		}
		return nil
	})
}

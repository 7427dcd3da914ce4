package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// KeptDead is how long calls that were given up stay, and may be replayed; KeptDeliveryCounts how long
// the counts of a destination do.
const (
	KeptDead           = 30 * 24 * time.Hour
	KeptDeliveryCounts = 90 * 24 * time.Hour
)

// ParkedCall is a call that a destination's cursor has passed and that is not delivered: it waits for another
// try, or is given up.
type ParkedCall struct {
	ID       int64 // ascending; set by the store
	Dead     bool
	Log      string
	Position uint64
	Place    int // of the call in the record
	EventID  string
	Type     string
	Event    string
	Attempts int
	FirstAt  time.Time // of the first attempt
	NextAt   time.Time // not before; of a dead one, when it was given up
	Code     string
	Reason   string
	Request  []byte // as the event log encodes it, with this call alone
}

const parkedColumns = `id, dead, log, position, place, event_id, type, event, attempts, first_at, next_at, code, reason, request`

func scanParked(r sqlite.Scanner) (ParkedCall, error) {
	var c ParkedCall
	var position int64
	err := r.Scan(&c.ID, &c.Dead, &c.Log, &position, &c.Place, &c.EventID, &c.Type, &c.Event, &c.Attempts, sqlite.Time(&c.FirstAt), sqlite.Time(&c.NextAt), &c.Code, &c.Reason, &c.Request)
	c.Position = uint64(position)
	return c, err
}

// DeliveryCount is how many calls took a step at a destination in an hour.
type DeliveryCount struct {
	Hour       time.Time // its beginning, UTC
	Step, Code string
	N          int64
}

// Delivery is progress of a destination, stored together.
type Delivery struct {
	Destination string
	Cursors     map[string]uint64 // by log; those that moved
	Park        []*ParkedCall     // to be stored; one with an ID replaces what it had. New ones get their ID
	Unpark      []int64           // delivered, or of no use any more
	Counts      []DeliveryCount   // to be added
	Backfills   []BackfillProgress
}

// BackfillProgress is how far a backfill is.
type BackfillProgress struct {
	ID       int64
	Done     int64
	Cursor   string
	Finished bool
}

// AddDelivery stores progress, all or nothing.
func (s *Store) AddDelivery(ctx context.Context, d *Delivery) error {
	ids := make([]int64, len(d.Park))
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		for log, position := range d.Cursors {
			if err := setCursor(ctx, tx, d.Destination, log, position); err != nil {
				return err
			}
		}
		for i, c := range d.Park {
			var err error
			if ids[i], err = park(ctx, tx, d.Destination, c); err != nil {
				return fmt.Errorf("park call of destination: %w", err)
			}
		}
		if len(d.Unpark) > 0 {
			if _, err := tx.ExecContext(ctx, `DELETE FROM destination_calls WHERE destination = ? AND id IN (SELECT value FROM json_each(?))`,
				d.Destination, mustJSON(d.Unpark)); err != nil {
				return fmt.Errorf("remove parked calls: %w", err)
			}
		}
		for _, c := range d.Counts {
			if _, err := tx.ExecContext(ctx, `INSERT INTO destination_counts (destination, hour, step, code, n) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET n = n + excluded.n`, d.Destination, c.Hour.UnixMicro(), c.Step, c.Code, c.N); err != nil {
				return fmt.Errorf("count deliveries: %w", err)
			}
		}
		for _, b := range d.Backfills {
			if err := s.progress(ctx, tx, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range d.Park {
		c.ID = ids[i]
	}
	return nil
}

func park(ctx context.Context, tx *sql.Tx, destination string, c *ParkedCall) (id int64, err error) {
	if c.ID != 0 {
		_, err := tx.ExecContext(ctx, `UPDATE destination_calls SET dead = ?, attempts = ?, first_at = ?, next_at = ?, code = ?, reason = ? WHERE id = ?`,
			c.Dead, c.Attempts, sqlite.Micros(c.FirstAt), sqlite.Micros(c.NextAt), c.Code, c.Reason, c.ID)
		return c.ID, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO destination_calls (destination, dead, log, position, place, event_id, type, event, attempts, first_at, next_at, code, reason, request)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, destination, c.Dead, c.Log, int64(c.Position), c.Place, c.EventID, c.Type, c.Event,
		c.Attempts, sqlite.Micros(c.FirstAt), sqlite.Micros(c.NextAt), c.Code, c.Reason, c.Request).Scan(&id)
	return id, err
}

func (s *Store) progress(ctx context.Context, tx *sql.Tx, b BackfillProgress) error {
	finished := sql.NullInt64{}
	if b.Finished {
		finished = sqlite.Micros(s.now())
	}
	_, err := tx.ExecContext(ctx, `UPDATE destination_backfills SET done = ?1, cursor = ?2, finished_at = coalesce(finished_at, ?3),
		state = CASE WHEN state = 'running' AND ?3 IS NOT NULL THEN 'done' ELSE state END WHERE id = ?4`, b.Done, b.Cursor, finished, b.ID)
	if err != nil {
		return fmt.Errorf("note progress of backfill: %w", err)
	}
	return nil
}

// WaitingCalls returns calls that wait, the oldest first: at most limit of those not in except.
func (s *Store) WaitingCalls(ctx context.Context, destination string, except []int64, limit int) ([]ParkedCall, error) {
	return sqlite.List(ctx, s.db, "list waiting calls", scanParked, `SELECT `+parkedColumns+` FROM destination_calls WHERE destination = ? AND dead = 0
		AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY log, position, place, id LIMIT ?`, destination, mustJSON(except), limit)
}

// ParkedAt returns the calls that are parked at a place of a log, dead ones too: one at most for each time that the record
// was read.
func (s *Store) ParkedAt(ctx context.Context, destination, log string, at CallPlace) ([]ParkedCall, error) {
	return sqlite.List(ctx, s.db, "find parked call", scanParked, `SELECT `+parkedColumns+` FROM destination_calls
		WHERE destination = ? AND log = ? AND position = ? AND place = ? ORDER BY id`, destination, log, int64(at.Position), at.Place)
}

// CallPlace is a place in a log: record, and call of the record.
type CallPlace struct {
	Position uint64
	Place    int
}

// ParkedPlaces returns the places of parked calls, dead ones too, beyond a position of a log: who reads on from
// there skips them.
func (s *Store) ParkedPlaces(ctx context.Context, destination, log string, after uint64) (map[CallPlace]bool, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT position, place FROM destination_calls WHERE destination = ? AND log = ? AND position > ?`,
		destination, log, int64(after))
	out := map[CallPlace]bool{}
	err = sqlite.Each(rows, err, func(r sqlite.Scanner) error {
		var p CallPlace
		var position int64
		err := r.Scan(&position, &p.Place)
		p.Position = uint64(position)
		out[p] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list parked calls: %w", err)
	}
	return out, nil
}

// DeadCalls returns a page of the calls that were given up, the newest first: at most limit, older than the
// one with id before, unless that is 0; and how many there are, up to 1,000,000.
func (s *Store) DeadCalls(ctx context.Context, destination, code string, before int64, limit int) ([]ParkedCall, int64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM destination_calls WHERE destination = ?1 AND dead = 1 AND (?2 = '' OR code = ?2) LIMIT 1000000)`,
		destination, code).Scan(&n)
	if err != nil {
		return nil, 0, fmt.Errorf("count dead calls: %w", err)
	}
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+parkedColumns+` FROM destination_calls WHERE destination = ?1 AND dead = 1 AND (?2 = '' OR code = ?2)
		AND id < ?3 ORDER BY id DESC LIMIT ?4`, destination, code, before, limit)
	all, err := sqlite.Collect(rows, err, scanParked)
	if err != nil {
		return nil, 0, fmt.Errorf("list dead calls: %w", err)
	}
	return all, n, nil
}

// ReplayDead lets dead calls wait again, with their attempts forgotten: those of the ids, or all with nil; of a
// code, unless that is "". It returns how many.
func (s *Store) ReplayDead(ctx context.Context, destination, code string, ids []int64) (int64, error) {
	var n int64
	err := s.db.Change(ctx, func(tx *sql.Tx) error {
		where, args := `destination = ? AND dead = 1 AND (? = '' OR code = ?)`, []any{destination, code, code}
		if ids != nil {
			where, args = where+` AND id IN (SELECT value FROM json_each(?))`, append(args, mustJSON(ids))
		}
		r, err := tx.ExecContext(ctx, `UPDATE destination_calls SET dead = 0, attempts = 0, first_at = NULL, next_at = NULL WHERE `+where, args...)
		if err == nil {
			n, err = r.RowsAffected()
		}
		if err != nil {
			return fmt.Errorf("replay dead calls: %w", err)
		}
		return s.audit(ctx, tx, "destination.replay", destination, strconv.FormatInt(n, 10))
	})
	return n, err
}

// ParkedCounts returns how many calls wait for another try, and how many were given up.
func (s *Store) ParkedCounts(ctx context.Context, destination string) (waiting, dead int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE dead = 0), count(*) FILTER (WHERE dead = 1) FROM destination_calls WHERE destination = ?`,
		destination).Scan(&waiting, &dead)
	if err != nil {
		return 0, 0, fmt.Errorf("count parked calls: %w", err)
	}
	return waiting, dead, nil
}

// DeliveryCounts returns what became of a destination's calls, by the hour since a time, the oldest first.
func (s *Store) DeliveryCounts(ctx context.Context, destination string, since time.Time) ([]DeliveryCount, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT hour, step, code, n FROM destination_counts WHERE destination = ? AND hour >= ? ORDER BY hour, step, code`,
		destination, since.UnixMicro())
	all, err := sqlite.Collect(rows, err, func(r sqlite.Scanner) (DeliveryCount, error) {
		var c DeliveryCount
		err := r.Scan(sqlite.Time(&c.Hour), &c.Step, &c.Code, &c.N)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list counts of destination: %w", err)
	}
	return all, nil
}

// LatestCount returns how many calls took a step at a destination since a time, and the last hour in which one did; zero
// without any.
func (s *Store) LatestCount(ctx context.Context, destination, step string, since time.Time) (n int64, hour time.Time, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(sum(n), 0), max(hour) FROM destination_counts WHERE destination = ? AND hour >= ? AND step = ?`,
		destination, since.UnixMicro(), step).Scan(&n, sqlite.Time(&hour))
	if err != nil {
		return 0, hour, fmt.Errorf("count a step of a destination: %w", err)
	}
	return n, hour, nil
}

// PurgeDeliveries removes dead calls older than [KeptDead] and counts older than [KeptDeliveryCounts].
func (s *Store) PurgeDeliveries(ctx context.Context) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM destination_calls WHERE dead = 1 AND next_at < ?`, s.now().Add(-KeptDead).UnixMicro())
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM destination_counts WHERE hour < ?`, s.now().Add(-KeptDeliveryCounts).UnixMicro())
		}
		if err != nil {
			return fmt.Errorf("purge deliveries: %w", err)
		}
		return nil
	})
}

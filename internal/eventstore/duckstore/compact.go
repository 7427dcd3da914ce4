package duckstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// Compact folds every past month that has rows in the hot file, or rows that were replaced or
// retracted, into a new generation of its sealed file. Writing goes on meanwhile, but for the moment in
// which the new file takes the place of the old. It runs in the background by itself.
func (s *Store) Compact(ctx context.Context) error {
	return s.compact(ctx, func(foldable) bool { return true })
}

// foldable is a past month with something to fold.
type foldable struct {
	month month
	hot   int64 // rows in the hot file
	dead  int64 // rows of the sealed file that do not count
	held  int64 // rows of the sealed file
}

const (
	// A month gets a file of its own when there are so many rows; a few strays of a wrong clock do not.
	enoughForFile = 10_000
	// Folding rewrites the month, so little waits until it is this share of it.
	worthFolding = 20
	// A month is left alone for so long after its end, since clients that were offline still send.
	graceBeforeFold = 24 * time.Hour
)

// compactNowAndThen folds in the background what is worth it.
func (s *Store) compactNowAndThen(ctx context.Context) {
	tick := time.NewTicker(s.cfg.CompactEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.compact(ctx, func(f foldable) bool {
			enough := f.hot >= enoughForFile || f.held > 0
			return enough && s.cfg.Now().Sub(f.month.end()) > graceBeforeFold && (f.hot+f.dead)*worthFolding >= f.held
		})
		if err != nil && ctx.Err() == nil {
			s.fail(err)
		}
	}
}

func (s *Store) compact(ctx context.Context, worth func(foldable) bool) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	s.folding.Lock()
	defer s.folding.Unlock()
	months, err := s.foldable(ctx)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	folded := false
	for _, f := range months {
		if !worth(f) {
			continue
		}
		folded = true
		began := time.Now()
		if err := s.fold(ctx, f.month); err != nil {
			return fmt.Errorf("fold month %s: %w", f.month, err)
		}
		s.cfg.Logger.Info("folded a month of the event store", slog.String("month", f.month.String()),
			slog.Int64("rows", f.hot), slog.Int64("dropped", f.dead), slog.Duration("took", time.Since(began)))
	}
	if !folded {
		return nil
	}
	return s.writer.checkpoint() // gives the room of the folded rows back to the hot file
}

// foldable lists the past months that have something to fold.
func (s *Store) foldable(ctx context.Context) ([]foldable, error) {
	v, err := s.ownView(ctx)
	if err != nil {
		return nil, err
	}
	defer v.close()
	rows, err := v.tx.QueryContext(ctx, fmt.Sprintf(`SELECT month, sum(hot)::BIGINT, sum(dead)::BIGINT FROM (
			SELECT year(occurred_at) * 12 + month(occurred_at) - 1 AS month, count(*) AS hot, 0 AS dead
				FROM events WHERE occurred_at < %s GROUP BY 1
			UNION ALL SELECT month, 0, count(*) FROM dead GROUP BY 1) GROUP BY month ORDER BY month`,
		timestamp(monthOf(s.cfg.Now()).start().UnixMicro())))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []foldable
	for rows.Next() {
		var f foldable
		if err := rows.Scan(&f.month, &f.hot, &f.dead); err != nil {
			return nil, err
		}
		if file := v.manifest.find(f.month); file != nil {
			f.held = file.events
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// fold makes the next generation of a month's file: all rows of the month that count, as of now. What
// is written meanwhile stays in the hot file.
func (s *Store) fold(ctx context.Context, m month) error {
	next := &sealed{month: m, generation: 1, format: formatVersion, readers: &atomic.Int32{}}
	if old := s.writer.current().find(m); old != nil {
		next.generation = old.generation + 1
	}
	last, err := s.writeSealed(ctx, next)
	if err == nil {
		err = s.attach(ctx, next)
	}
	if err == nil {
		if err = s.replace(ctx, next, last); err == nil {
			return nil
		}
		err = errors.Join(err, s.detach(context.Background(), next))
	}
	s.writer.stopFolding()
	if removeErr := os.Remove(s.sealedPath(next)); !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

// writeSealed writes the file and returns the highest locator of a hot row in it: what is written from then on
// has a higher one, but for rows that replace others and keep their calls. From its snapshot on the writer
// notes which rows of the month are removed.
func (s *Store) writeSealed(ctx context.Context, f *sealed) (last locator, err error) {
	conn, err := s.own.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	path := s.sealedPath(f)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("ATTACH '%s' AS folding (STORAGE_VERSION 'v1.5.0')", strings.ReplaceAll(path, "'", "''"))); err != nil {
		return 0, err
	}
	defer func() {
		_, detachErr := conn.ExecContext(context.Background(), "DETACH folding")
		err = errors.Join(err, detachErr)
		if err == nil {
			err = syncDir(s.sealedDir())
		}
	}()
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil) // not cut short: see transaction
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	whole := span{f.month.start().UnixMicro(), f.month.end().UnixMicro()}
	var hot sql.NullInt64
	files, err := s.writer.startFolding(f.month, func() error {
		return tx.QueryRowContext(ctx, "SELECT max(raw) FROM events WHERE "+whole.where("occurred_at")).Scan(&hot)
	})
	if err != nil {
		return 0, err
	}
	defer s.release(files)
	columns := make([]string, len(eventColumns))
	for i, c := range eventColumns {
		columns[i], _, _ = strings.Cut(c, " ")
	}
	for _, statement := range []string{
		createEvents("folding.events"),
		"INSERT INTO folding.events SELECT * FROM " + files.parts(columns, whole, "") + " ORDER BY occurred_at",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	var first, lastReceived sql.NullTime
	if err := tx.QueryRowContext(ctx, "SELECT count(*), min(received_at), max(received_at) FROM folding.events").Scan(&f.events, &first, &lastReceived); err != nil {
		return 0, err
	}
	f.firstReceived, f.lastReceived = first.Time.UTC(), lastReceived.Time.UTC()
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	_, err = conn.ExecContext(ctx, "CHECKPOINT folding")
	return locator(hot.Int64), err
}

// replace puts a new generation in force, in one transaction of the hot file.
func (s *Store) replace(ctx context.Context, f *sealed, last locator) error {
	w := &s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := w.folding.removed
	w.folding = nil
	if err := ctx.Err(); err != nil {
		return err
	}
	whole := span{f.month.start().UnixMicro(), f.month.end().UnixMicro()}
	if err := w.db.exec("BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := errors.Join(
		// Rows that took the place of removed ones since may have the calls, and so the locators, of those.
		w.db.exec("DELETE FROM events WHERE "+whole.where("occurred_at")+" AND raw <= $1 AND id NOT IN "+unnestList("$2"), int64(last), idList(changed)),
		w.db.exec("DELETE FROM dead WHERE month = $1", int64(f.month)),
		w.db.exec("DELETE FROM months WHERE month = $1", int64(f.month)),
		w.db.exec("INSERT INTO months VALUES ($1, $2, $3, make_timestamp($4), make_timestamp($5), $6)", int64(f.month), int64(f.generation),
			f.events, f.firstReceived.UnixMicro(), f.lastReceived.UnixMicro(), int64(f.format)),
	)
	if err == nil && len(changed) > 0 {
		f.dead = true
		err = w.db.exec("INSERT INTO dead SELECT $1, id FROM "+f.schema()+".events WHERE id IN "+unnestList("$2"), int64(f.month), idList(changed))
	}
	if err != nil {
		return errors.Join(err, w.db.exec("ROLLBACK"))
	}
	return w.commit(s.manifest.with(f))
}

// checkpoint moves the log of the hot file into the file, between two writes.
func (w *writer) checkpoint() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.db.exec("CHECKPOINT"); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// folding is what the writer notes while a month is folded: ids of rows of that month that were removed
// since, and so may be in the new file though they do not count.
type folding struct {
	month   month
	removed []string
}

// current is the manifest in force.
func (w *writer) current() *manifest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.s.manifest
}

// startFolding takes a snapshot between two writes and returns the files that go with it, held.
func (w *writer) startFolding(m month, snapshot func() error) (*manifest, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := snapshot(); err != nil {
		return nil, err
	}
	w.folding = &folding{month: m}
	w.s.manifest.hold()
	return w.s.manifest, nil
}

func (w *writer) stopFolding() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folding = nil
}

// note tells a fold under way that rows were removed.
func (w *writer) note(removed []*storedRow) {
	if w.folding == nil {
		return
	}
	for _, r := range removed {
		if monthOf(fromMicros(r.occurredAt)) == w.folding.month {
			w.folding.removed = append(w.folding.removed, r.id)
		}
	}
}

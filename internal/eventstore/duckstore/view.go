package duckstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync/atomic"
)

// querier is a database, connection or transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// view is one consistent state of the store: a snapshot of the hot file, and the files that go with it.
type view struct {
	s        *Store
	manifest *manifest
	conn     *sql.Conn
	tx       querier
	rollback func() error // nothing was written; nil while it is not certain that the transaction began
	open     atomic.Bool
}

// view is for readers.
func (s *Store) view(ctx context.Context) (*view, error) { return s.viewOn(ctx, s.db, transaction) }

// ownView is for the store's own work.
func (s *Store) ownView(ctx context.Context) (*view, error) { return s.viewOn(ctx, s.own, transaction) }

func (s *Store) viewOn(ctx context.Context, db *sql.DB, begin func(context.Context, *view) error) (*view, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	v := &view{s: s}
	v.open.Store(true)
	var err error
	if v.conn, err = db.Conn(ctx); err != nil {
		s.leave()
		return nil, err
	}
	if err = begin(ctx, v); err == nil {
		s.swap.RLock()
		// A snapshot is taken by the first statement that looks at the hot file.
		var format int
		if err = v.tx.QueryRowContext(ctx, "SELECT format FROM store").Scan(&format); err == nil {
			v.manifest = s.manifest
			v.manifest.hold()
		}
		s.swap.RUnlock()
	}
	if err != nil {
		v.close()
		return nil, err
	}
	return v, nil
}

// transaction begins the transaction of a view. Beginning is not cut short: DuckDB may have begun all the same, and
// whoever got the connection next could not begin. The statements in it are cut short.
func transaction(ctx context.Context, v *view) error {
	tx, err := v.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	v.tx, v.rollback = tx, tx.Rollback
	return nil
}

// readOnly begins a transaction that DuckDB lets nothing be written in.
func readOnly(ctx context.Context, v *view) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := v.conn.ExecContext(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return err
	}
	v.tx, v.rollback = v.conn, func() error {
		_, err := v.conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	return nil
}

func (v *view) close() {
	if !v.open.Swap(false) {
		return
	}
	if v.rollback == nil || v.rollback() != nil {
		// Its transaction may be open still, so that it is of no use to anybody.
		_ = v.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = v.conn.Close() // back to the pool, unless it is gone
	if v.manifest != nil {
		v.s.release(v.manifest)
	}
	v.s.leave()
}

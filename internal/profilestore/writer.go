package profilestore

import (
	"context"
	"database/sql"
)

// writer writes in one change, by statements that are prepared once each.
type writer struct {
	ctx        context.Context
	tx         *sql.Tx
	statements map[string]*sql.Stmt
}

func newWriter(ctx context.Context, tx *sql.Tx) writer {
	return writer{ctx: ctx, tx: tx, statements: map[string]*sql.Stmt{}}
}

func (w *writer) prepared(text string) (*sql.Stmt, error) {
	if st := w.statements[text]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(w.ctx, text) // closed with the transaction
	if err != nil {
		return nil, err
	}
	w.statements[text] = st
	return st, nil
}

func (w *writer) run(text string, args ...any) error {
	st, err := w.prepared(text)
	if err == nil {
		_, err = st.ExecContext(w.ctx, args...)
	}
	return err
}

package duckstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// remember fills the writer's memory of what was stored before the process started. Until it is done
// the writer asks the store, which is slower and as exact.
func (s *Store) remember(ctx context.Context) {
	// Statements are not interrupted: a database that is closed while one of DuckDB's threads is still
	// at an interrupted statement never goes away, and cannot be opened again by this process.
	if err := s.rememberChats(ctx); err != nil && ctx.Err() == nil {
		s.fail(fmt.Errorf("remember conversations: %w", err))
	}
	if err := s.rememberIDs(ctx); err != nil && ctx.Err() == nil {
		s.fail(fmt.Errorf("remember event ids: %w", err))
	}
}

func (s *Store) rememberChats(ctx context.Context) error {
	v, err := s.ownView(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer v.close()
	rows, err := v.tx.QueryContext(context.WithoutCancel(ctx), "SELECT conversation_id FROM conversations")
	if err != nil {
		return err
	}
	defer rows.Close()
	for ctx.Err() == nil && rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		s.writer.chats.add(id, ever())
	}
	if err := errors.Join(ctx.Err(), rows.Err()); err != nil {
		return err
	}
	s.writer.chats.finish(time.Time{})
	return nil
}

// rememberAll is how many rows a store may have for all ids to be read at start.
const rememberAll = 1 << 20

// rememberIDs adds the ids received in the window before the last one, or all if they are few.
func (s *Store) rememberIDs(ctx context.Context) error {
	v, err := s.ownView(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer v.close()
	var total, from int64
	row := v.tx.QueryRowContext(context.WithoutCancel(ctx), "SELECT count(*), coalesce(epoch_us(max(received_at)), 0) FROM "+
		v.manifest.parts([]string{"received_at"}, everything(), ""))
	if err := row.Scan(&total, &from); err != nil {
		return err
	}
	covers, condition := time.Time{}, ""
	if total > rememberAll {
		// Twice the window: the log may be behind.
		covers = time.UnixMicro(from).Add(-2 * eventstore.DedupeWindow)
		condition = "received_at > " + timestamp(covers.UnixMicro())
	}
	rows, err := v.tx.QueryContext(context.WithoutCancel(ctx), "SELECT id, received_at FROM "+
		v.manifest.parts([]string{"id", "received_at"}, everything(), condition))
	if err != nil {
		return err
	}
	defer rows.Close()
	for ctx.Err() == nil && rows.Next() {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		s.writer.ids.add(id, at)
	}
	if err := errors.Join(ctx.Err(), rows.Err()); err != nil {
		return err
	}
	s.writer.ids.finish(covers)
	return nil
}

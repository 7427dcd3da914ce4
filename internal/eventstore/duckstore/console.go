package duckstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// confine takes files, network and extensions away from the database, for good: what the store itself
// attaches is below its own directory. It is done once the store's own connections are there, since
// DuckDB takes neither setting when a database is opened.
func (s *Store) confine(ctx context.Context) error {
	dir := strings.ReplaceAll(s.cfg.Dir, "'", "''")
	for _, statement := range []string{
		fmt.Sprintf("SET allowed_directories = ['%s']", dir),
		"SET enable_external_access = false",
	} {
		if _, err := s.own.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("confine: %w", err)
		}
	}
	return nil
}

// SQLViews are what [Store.SQL] can read.
func (s *Store) SQLViews() []eventstore.SQLView {
	views := s.consoleViews()
	out := make([]eventstore.SQLView, len(views))
	for i := range views {
		out[i] = views[i].describe()
	}
	return out
}

// SQL runs one SELECT over the views and answers at most limit rows, 0 being eventstore.MaxSQLRows. Its
// errors are a *eventstore.SQLError, eventstore.ErrSQLMemory, eventstore.ErrSQLTime, or the store's. One
// statement runs at a time; others wait. It answers within eventstore.SQLTimeLimit, waiting and all.
func (s *Store) SQL(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	if len(statement) > eventstore.MaxSQL {
		return nil, eventstore.SQLNotAllowed("the statement has %d bytes; at most %d", len(statement), eventstore.MaxSQL)
	}
	if limit <= 0 || limit > eventstore.MaxSQLRows {
		limit = eventstore.MaxSQLRows
	}
	timed, cancel := context.WithTimeoutCause(ctx, eventstore.SQLTimeLimit, eventstore.ErrSQLTime)
	defer cancel()
	return s.sql(timed, statement, limit)
}

// sql is SQL until ctx ends. DuckDB looks only now and then whether a statement is to end, and gives back what it
// held before it does: that is not waited for, but no other statement begins before.
func (s *Store) sql(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	select {
	case s.console <- struct{}{}:
	case <-ctx.Done():
		return nil, consoleError(ctx, ctx.Err())
	}
	type answer struct {
		table *eventstore.SQLTable
		err   error
	}
	answered := make(chan answer, 1)
	go func() { // ends with its view, which closing the store waits for
		defer func() { <-s.console }()
		table, err := s.ran(ctx, statement, limit)
		answered <- answer{table, err}
	}()
	select {
	case a := <-answered:
		return a.table, a.err
	case <-ctx.Done():
		return nil, consoleError(ctx, ctx.Err())
	}
}

// ran runs a statement to its end.
func (s *Store) ran(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	v, err := s.viewOn(ctx, s.db, readOnly)
	if err != nil {
		return nil, consoleError(ctx, err)
	}
	defer v.close()
	watched, stop := v.watch(ctx)
	table, err := v.run(watched, statement, limit)
	if err != nil {
		err = consoleError(watched, err)
	}
	stop()
	return table, err
}

// consoleError tells limits and mistakes from what went wrong here.
func consoleError(ctx context.Context, err error) error {
	var wrong *eventstore.SQLError
	switch cause := context.Cause(ctx); {
	case errors.As(err, &wrong):
		return err
	case errors.Is(cause, eventstore.ErrSQLTime), errors.Is(cause, eventstore.ErrSQLMemory):
		return cause
	case cause != nil:
		return fmt.Errorf("run SQL: %w", cause)
	}
	text := err.Error()
	kind, message, ok := strings.Cut(text, " Error: ")
	if !ok || strings.ContainsAny(kind, "\n:") {
		return fmt.Errorf("run SQL: %w", err)
	}
	switch kind {
	case "Out of Memory":
		return eventstore.ErrSQLMemory
	case "IO", "FATAL", "Fatal", "INTERNAL", "Internal", "TransactionContext", "Transaction":
		return fmt.Errorf("run SQL: %w", err)
	}
	// What follows shows the statement as it was run, which is not what was sent.
	message, _, _ = strings.Cut(message, "\n\nLINE ")
	message, _, _ = strings.Cut(message, "\nLINE ")
	return &eventstore.SQLError{Message: kind + " error: " + message, Position: -1}
}

// run checks a statement, runs it over the views that it reads, and takes its rows.
func (v *view) run(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	views := v.s.consoleViews()
	c := &checker{views: map[string]bool{}, own: map[string]bool{}, used: map[string]bool{}}
	for _, view := range views {
		c.views[view.name] = true
	}
	var err error
	if c.vocabulary, err = v.s.vocabularyOf(ctx, v.tx); err != nil {
		return nil, err
	}
	if _, err := parse(ctx, v.tx, statement); err != nil {
		return nil, err // says where in the text as it was sent
	}
	// What runs is the statement in brackets. It is this that is checked.
	whole := "SELECT * FROM (\n" + strings.TrimRight(statement, "; \t\r\n") + fmt.Sprintf("\n) AS answer LIMIT %d", limit+1)
	tree, err := parse(ctx, v.tx, whole)
	if err != nil {
		return nil, err
	}
	if err := c.collect(tree); err != nil {
		return nil, err
	}
	if err := c.check(tree); err != nil {
		return nil, err
	}
	var with []string
	for _, view := range views {
		if c.used[view.name] {
			with = append(with, view.sql(v.manifest))
		}
	}
	if len(with) > 0 {
		whole = "WITH " + strings.Join(with, ", ") + " " + whole
	}
	rows, err := v.tx.QueryContext(ctx, whole)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return tableOf(rows, limit)
}

// memoryOfStatement is how much of the memory limit a statement may use, at least 128 MB: the rest is for
// writing and for the questions of pages.
func (c *Config) memoryOfStatement() int64 { return max(c.MemoryLimit/2, 128<<20) }

// watch ends a statement that needs too much memory: of DuckDB's, but for what it keeps of the files, which
// it gives back by itself; or of the process, since DuckDB does not count all of what long values take.
func (v *view) watch(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	before := uncounted()
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(25 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var counted, files int64
			row := v.s.own.QueryRowContext(ctx, `SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT,
				coalesce(sum(memory_usage_bytes) FILTER (WHERE tag IN ('BASE_TABLE', 'EXTERNAL_FILE_CACHE', 'METADATA')), 0)::BIGINT FROM duckdb_memory()`)
			if err := row.Scan(&counted, &files); err != nil {
				continue // ctx has ended, or the statement took it all: then it ends by itself
			}
			most := v.s.cfg.memoryOfStatement()
			if counted-files > most || uncounted()-counted-before > most {
				cancel(eventstore.ErrSQLMemory)
				return
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-done
	}
}

// uncounted is the memory of the process that is not Go's, in bytes; 0 where the system does not say.
func uncounted() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return max(0, residentBytes()-int64(samples[0].Value.Uint64()-samples[1].Value.Uint64()))
}

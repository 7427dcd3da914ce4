package duckstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// upgrade brings a store of an older format to the present one, format by format. A step is one
// transaction of the hot file, so after a crash it has either happened or begins again. Sealed files
// are never changed: the manifest says which format each has, and the next fold of its month writes
// the present one.
func (s *Store) upgrade(ctx context.Context, from int) error {
	began := time.Now()
	// Nobody may have the hot file open while it is copied: when this process closes a file, it loses its
	// locks on it, DuckDB's too.
	if err := s.disconnect(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	kept, err := s.keepBefore(from + 1)
	if err != nil {
		return fmt.Errorf("copy what is changed: %w", err)
	}
	if err := s.connect(); err != nil {
		return err
	}
	for format := from; format < formatVersion; format++ {
		switch format {
		case 1:
			err = s.upgradeTo2(ctx)
		case 2:
			err = s.upgradeBy(ctx, createBeside(), 3)
		case 3:
			err = s.upgradeBy(ctx, createDecided(), 4)
		default:
			err = errors.New("no released version wrote it")
		}
		if err != nil {
			return fmt.Errorf("from format %d: %w", format, err)
		}
	}
	s.cfg.Logger.Info("upgraded the event store", slog.Int("from", from), slog.Int("to", formatVersion),
		slog.String("kept", kept), slog.Duration("took", time.Since(began)))
	return nil
}

// keepBefore copies the hot file, and links the sealed ones, into a directory of its own, from where an
// operator can take them back. What an earlier attempt left there is replaced.
func (s *Store) keepBefore(format int) (string, error) {
	dir := filepath.Join(s.cfg.Dir, fmt.Sprintf("before-format-%d", format))
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(dir, "months"), 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{hotFile, hotFile + ".wal"} {
		err := copyFile(filepath.Join(s.cfg.Dir, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	months, err := os.ReadDir(s.sealedDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, file := range months {
		from, to := filepath.Join(s.sealedDir(), file.Name()), filepath.Join(dir, "months", file.Name())
		if os.Link(from, to) == nil {
			continue
		}
		if err := copyFile(from, to); err != nil {
			return "", err
		}
	}
	return dir, errors.Join(syncDir(filepath.Join(dir, "months")), syncDir(dir), syncDir(s.cfg.Dir))
}

// copyFile copies a file durably.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// upgradeTo2 gives the trace id a column, and conversations what format 2 knows of their model calls
// and tools. Rows of the hot file keep the trace id among their rare fields as well, which does no harm.
func (s *Store) upgradeTo2(ctx context.Context) (err error) {
	m, err := s.readManifest(ctx, "1")
	if err != nil {
		return err
	}
	for _, f := range m.sealed {
		if err := s.attach(ctx, f); err != nil {
			return err
		}
	}
	tx, err := s.own.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range []string{
		"ALTER TABLE months ADD COLUMN format INTEGER",
		"UPDATE months SET format = 1",
		"ALTER TABLE events ADD COLUMN trace_id VARCHAR",
		`UPDATE events SET trace_id = rare->>'$.trace_id' WHERE contains(rare, '"trace_id"')`,
		"ALTER TABLE conversations RENAME TO conversations_1",
		createConversations(),
		"INSERT INTO conversations " + callsOfConversations(m),
		"DROP TABLE conversations_1",
		"UPDATE store SET format = 2",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("run %.40q: %w", statement, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, f := range m.sealed {
		if err := s.detach(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// callsOfConversations is the roll-ups of format 1 with what format 2 adds, as event.Roll defines it.
func callsOfConversations(m *manifest) string {
	rows := m.parts([]string{"id", "form", "occurred_at", "original_at", "request_seq", "batch_index", "conversation_id", "rare"}, everything(), "conversation_id IS NOT NULL")
	return fmt.Sprintf(`SELECT c.*, coalesce(u.calls, 0), coalesce(u.failed, 0), coalesce(u.cancelled, 0), coalesce(u.failed_tools, 0),
			u.input, u.output, u.cost, u.model
		FROM conversations_1 c LEFT JOIN (
			SELECT conversation_id, count(*) FILTER (WHERE call) AS calls, count(*) FILTER (WHERE call AND action = 'failed') AS failed,
				count(*) FILTER (WHERE call AND action = 'cancelled') AS cancelled, count(*) FILTER (WHERE NOT call) AS failed_tools,
				sum(CAST(rare->>'$.input_tokens' AS BIGINT)) FILTER (WHERE call)::BIGINT AS input,
				sum(CAST(rare->>'$.output_tokens' AS BIGINT)) FILTER (WHERE call)::BIGINT AS output,
				round(sum(CAST(rare->>'$.cost_usd' AS DOUBLE)) FILTER (WHERE call), 9) AS cost,
				first(model ORDER BY %s) FILTER (WHERE call AND model IS NOT NULL) AS model
			FROM (SELECT e.*, f.kind = 'generation' AS call, f.action, coalesce(f.response_model, f.request_model) AS model
				FROM %s e JOIN forms f ON f.form = e.form
				WHERE (f.kind = 'generation' AND f.counts_usage AND f.action IS DISTINCT FROM 'first_token')
					OR (f.kind = 'tool' AND f.action = 'called' AND f.tool_ok = false)) x
			GROUP BY conversation_id) u ON u.conversation_id = c.conversation_id`, conversationOrder("x", ""), rows)
}

// upgradeBy adds tables, which is all that some formats are.
func (s *Store) upgradeBy(ctx context.Context, create []string, format int) error {
	tx, err := s.own.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range append(create, fmt.Sprintf("UPDATE store SET format = %d", format)) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("run %.40q: %w", statement, err)
		}
	}
	return tx.Commit()
}

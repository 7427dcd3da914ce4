package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// MaxFunctionLogs is how many runs of a function are kept.
const MaxFunctionLogs = 1000

// FunctionLog is how a run of a function went. Texts are bounded and without secrets; that is for who writes it.
type FunctionLog struct {
	ID       int64 // ascending; set by the store
	Function string
	Version  int
	At       time.Time
	Calls    int // in
	Passed   int
	Dropped  int
	Failed   int
	Error    string // class of the first failure; "" none
	Message  string
	Stack    string
	EventID  string // of the call that failed first
	Console  string
	Took     time.Duration // kept in milliseconds
}

const logColumns = `id, function, version, at, calls, passed, dropped, failed, error, message, stack, event_id, console, took_ms`

func scanFunctionLog(r sqlite.Scanner) (FunctionLog, error) {
	var l FunctionLog
	var took int64
	err := r.Scan(&l.ID, &l.Function, &l.Version, sqlite.Time(&l.At), &l.Calls, &l.Passed, &l.Dropped, &l.Failed, &l.Error, &l.Message, &l.Stack, &l.EventID, &l.Console, &took)
	l.Took = time.Duration(took) * time.Millisecond
	return l, err
}

// AddFunctionLogs keeps runs, and of each function the newest MaxFunctionLogs. Runs of functions that are gone are
// left out.
func (s *Store) AddFunctionLogs(ctx context.Context, logs []FunctionLog) error {
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		touched := map[string]bool{}
		for _, l := range logs {
			touched[l.Function] = true
			_, err := tx.ExecContext(ctx, `INSERT INTO function_logs (function, version, at, calls, passed, dropped, failed, error, message, stack, event_id, console, took_ms)
				SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM functions WHERE id = ?`,
				l.Version, l.At.UnixMicro(), l.Calls, l.Passed, l.Dropped, l.Failed, l.Error, l.Message, l.Stack, l.EventID, l.Console, l.Took.Milliseconds(), l.Function)
			if err != nil {
				return fmt.Errorf("add log of function %s: %w", l.Function, err)
			}
		}
		for id := range touched {
			_, err := tx.ExecContext(ctx, `DELETE FROM function_logs WHERE function = ?1 AND id <= (SELECT id FROM function_logs WHERE function = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, id, MaxFunctionLogs)
			if err != nil {
				return fmt.Errorf("remove old logs of function %s: %w", id, err)
			}
		}
		return nil
	})
}

// FunctionLogs returns runs of a function, the newest first, at most limit; failures alone if failed says so.
// ErrNotFound for an unknown function.
func (s *Store) FunctionLogs(ctx context.Context, workspace, id string, failed bool, limit int) ([]FunctionLog, error) {
	if _, err := s.Function(ctx, workspace, id); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+logColumns+` FROM function_logs WHERE function = ? AND (failed > 0 OR NOT ?) ORDER BY id DESC LIMIT ?`, id, failed, limit)
	all, err := sqlite.Collect(rows, err, scanFunctionLog)
	if err != nil {
		return nil, fmt.Errorf("list logs of function %s: %w", id, err)
	}
	return all, nil
}

package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Bounds of functions.
const (
	MaxFunctionCode     = 100 << 10 // bytes
	MaxFunctionVersions = 100       // kept, beside the deployed one
	MaxFunctions        = 100       // of a workspace; Segment has 25
)

// FunctionKinds are what functions are for.
var FunctionKinds = []string{"source", "insert", "destination"}

// Function is code that somebody wrote, in its newest version.
type Function struct {
	ID       string
	Name     string // unique in the workspace
	Kind     string // one of FunctionKinds; never changes
	Source   string // that a source function's calls come from
	Deployed int    // the version that runs; 0: none
	// Values of settings: those that are no secrets as JSON, the others sealed by whoever stores them.
	Plain   json.RawMessage
	Secrets []byte

	Latest    FunctionVersion
	CreatedAt time.Time
	CreatedBy string
	UpdatedAt time.Time
}

// FunctionVersion is one save of a function.
type FunctionVersion struct {
	Version   int // from 1; set by the store
	Code      string
	Settings  json.RawMessage // the form of its settings
	Note      string
	Author    string
	CreatedAt time.Time
}

const (
	functionColumns = `f.id, f.name, f.kind, f.source, f.deployed, f.plain, f.secrets, f.created_at, f.created_by, f.updated_at`
	versionColumns  = `v.version, v.code, v.settings, v.note, v.author, v.created_at`
	newestVersion   = ` FROM functions f JOIN function_versions v ON v.function = f.id AND v.version = (SELECT max(version) FROM function_versions WHERE function = f.id)`
)

func (v *FunctionVersion) fields(settings *string) []any {
	return []any{&v.Version, &v.Code, settings, &v.Note, &v.Author, sqlite.Time(&v.CreatedAt)}
}

func scanFunction(r sqlite.Scanner) (Function, error) {
	var f Function
	var plain, settings string
	err := r.Scan(append([]any{&f.ID, &f.Name, &f.Kind, &f.Source, &f.Deployed, &plain, &f.Secrets, sqlite.Time(&f.CreatedAt), &f.CreatedBy, sqlite.Time(&f.UpdatedAt)}, f.Latest.fields(&settings)...)...)
	f.Plain, f.Latest.Settings = json.RawMessage(plain), json.RawMessage(settings)
	return f, err
}

func scanFunctionVersion(r sqlite.Scanner) (FunctionVersion, error) {
	var v FunctionVersion
	var settings string
	err := r.Scan(v.fields(&settings)...)
	v.Settings = json.RawMessage(settings)
	return v, err
}

func (f *Function) check() error {
	errs := []error{checkText("function name", f.Name, 1)}
	if !slices.Contains(FunctionKinds, f.Kind) {
		errs = append(errs, fmt.Errorf("%w: kind is one of %s", ErrInvalid, strings.Join(FunctionKinds, ", ")))
	}
	if (f.Kind == "source") != (f.Source != "") {
		errs = append(errs, fmt.Errorf("%w: source is that of a source function's calls, and of no other function", ErrInvalid))
	}
	return errors.Join(append(errs, f.Latest.check())...)
}

func (v *FunctionVersion) check() error {
	var errs []error
	if strings.TrimSpace(v.Code) == "" || len(v.Code) > MaxFunctionCode || !storable(v.Code) {
		errs = append(errs, fmt.Errorf("%w: code is a text of at most %d bytes", ErrInvalid, MaxFunctionCode))
	}
	if !json.Valid(v.Settings) {
		errs = append(errs, fmt.Errorf("%w: settings are JSON", ErrInvalid))
	}
	return errors.Join(append(errs, checkText("note", v.Note, 0))...)
}

// Functions returns those of a workspace by name.
func (s *Store) Functions(ctx context.Context, workspace string) ([]Function, error) {
	return sqlite.List(ctx, s.db, "list functions", scanFunction, `SELECT `+functionColumns+`, `+versionColumns+newestVersion+` WHERE f.workspace = ? ORDER BY lower(f.name), f.id`, workspace)
}

// Function returns one, or ErrNotFound.
func (s *Store) Function(ctx context.Context, workspace, id string) (Function, error) {
	f, err := scanFunction(s.db.QueryRowContext(ctx, `SELECT `+functionColumns+`, `+versionColumns+newestVersion+` WHERE f.workspace = ? AND f.id = ?`, workspace, id))
	return f, notFound(err, "function", id)
}

// CreateFunction adds one with an id and its first version, which is not deployed; ErrExists when the name is
// taken.
func (s *Store) CreateFunction(ctx context.Context, workspace string, f Function) (Function, error) {
	if err := f.check(); err != nil {
		return Function{}, err
	}
	id, err := s.secret("fn_", 18)
	if err != nil {
		return Function{}, err
	}
	f.ID = id
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM functions WHERE workspace = ?`, workspace).Scan(&n); err != nil {
			return fmt.Errorf("count functions: %w", err)
		}
		if n >= MaxFunctions {
			return fmt.Errorf("%w: a workspace has at most %d functions", ErrInvalid, MaxFunctions)
		}
		if f.Kind == "source" {
			if err := tx.QueryRowContext(ctx, `SELECT 1 FROM sources WHERE workspace = ? AND id = ?`, workspace, f.Source).Scan(&n); err != nil {
				return notFound(err, "source", f.Source)
			}
		}
		now := s.now().UnixMicro()
		_, err := tx.ExecContext(ctx, `INSERT INTO functions (id, workspace, name, kind, source, deployed, plain, secrets, created_at, created_by, updated_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
			id, workspace, f.Name, f.Kind, f.Source, string(f.Plain), orEmpty(f.Secrets), now, f.Latest.Author, now)
		if err != nil {
			return taken(err, "function", f.Name)
		}
		if err := s.addVersion(ctx, tx, id, &f.Latest); err != nil {
			return err
		}
		return s.audit(ctx, tx, "function.create", id, f.Name)
	})
	if err != nil {
		return Function{}, err
	}
	return s.Function(ctx, workspace, id)
}

func orEmpty(b []byte) []byte { return append([]byte{}, b...) }

func (s *Store) addVersion(ctx context.Context, tx *sql.Tx, id string, v *FunctionVersion) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO function_versions (function, version, code, settings, note, author, created_at)
		SELECT ?, coalesce(max(version), 0) + 1, ?, ?, ?, ?, ? FROM function_versions WHERE function = ?`,
		id, v.Code, string(v.Settings), v.Note, v.Author, s.now().UnixMicro(), id)
	if err != nil {
		return fmt.Errorf("add version of function %s: %w", id, err)
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM function_versions WHERE function = ?1 AND version <= (SELECT max(version) FROM function_versions WHERE function = ?1) - ?2
		AND version <> (SELECT deployed FROM functions WHERE id = ?1)`, id, MaxFunctionVersions)
	if err != nil {
		return fmt.Errorf("remove old versions of function %s: %w", id, err)
	}
	return nil
}

// FunctionChange is what changes; what is nil stays.
type FunctionChange struct {
	Name    *string
	Version *FunctionVersion // a further one
	Deploy  *int             // the version that runs from now on; 0: none, -1: the newest
	Plain   json.RawMessage  // with Secrets
	Secrets []byte
}

// UpdateFunction changes one; ErrNotFound for an unknown function or version, ErrExists for a taken name.
func (s *Store) UpdateFunction(ctx context.Context, workspace, id string, c FunctionChange) (Function, error) {
	f, err := s.Function(ctx, workspace, id)
	if err != nil {
		return Function{}, err
	}
	if c.Name != nil {
		f.Name = *c.Name
	}
	if c.Version != nil {
		f.Latest = *c.Version
	}
	if err := f.check(); err != nil {
		return Function{}, err
	}
	err = s.db.Change(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE functions SET name = ?, updated_at = ? WHERE workspace = ? AND id = ?`, f.Name, s.now().UnixMicro(), workspace, id)
		if err != nil {
			return taken(err, "function", f.Name)
		}
		if err := affected(r, err, "function", id); err != nil {
			return err
		}
		if c.Version != nil {
			if err := s.addVersion(ctx, tx, id, c.Version); err != nil {
				return err
			}
		}
		if c.Plain != nil {
			if _, err := tx.ExecContext(ctx, `UPDATE functions SET plain = ?, secrets = ? WHERE id = ?`, string(c.Plain), orEmpty(c.Secrets), id); err != nil {
				return fmt.Errorf("change settings of function %s: %w", id, err)
			}
		}
		if c.Deploy != nil {
			if err := s.deploy(ctx, tx, id, *c.Deploy); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, "function.update", id, f.Name)
	})
	if err != nil {
		return Function{}, err
	}
	return s.Function(ctx, workspace, id)
}

func (s *Store) deploy(ctx context.Context, tx *sql.Tx, id string, version int) error {
	if version != 0 {
		err := tx.QueryRowContext(ctx, `SELECT version FROM function_versions WHERE function = ?1 AND (version = ?2 OR ?2 = -1) ORDER BY version DESC LIMIT 1`, id, version).Scan(&version)
		if err != nil {
			return notFound(err, "version of the function", fmt.Sprint(version))
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE functions SET deployed = ? WHERE id = ?`, version, id); err != nil {
		return fmt.Errorf("deploy function %s: %w", id, err)
	}
	return s.audit(ctx, tx, "function.deploy", id, fmt.Sprint(version))
}

// DeleteFunction removes one with its versions and logs, or returns ErrNotFound.
func (s *Store) DeleteFunction(ctx context.Context, workspace, id string) error {
	return s.remove(ctx, "function", `DELETE FROM functions WHERE workspace = ? AND id = ?`, workspace, id)
}

// FunctionVersions returns those that are kept, the newest first; ErrNotFound for an unknown function.
func (s *Store) FunctionVersions(ctx context.Context, workspace, id string) ([]FunctionVersion, error) {
	if _, err := s.Function(ctx, workspace, id); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+versionColumns+` FROM function_versions v WHERE v.function = ? ORDER BY v.version DESC`, id)
	all, err := sqlite.Collect(rows, err, scanFunctionVersion)
	if err != nil {
		return nil, fmt.Errorf("list versions of function %s: %w", id, err)
	}
	return all, nil
}

// FunctionVersion returns one, or ErrNotFound.
func (s *Store) FunctionVersion(ctx context.Context, workspace, id string, version int) (FunctionVersion, error) {
	v, err := scanFunctionVersion(s.db.QueryRowContext(ctx, `SELECT `+versionColumns+` FROM function_versions v JOIN functions f ON f.id = v.function
		WHERE f.workspace = ? AND v.function = ? AND v.version = ?`, workspace, id, version))
	return v, notFound(err, "version of the function", fmt.Sprint(version))
}

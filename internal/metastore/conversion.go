package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Conversion is a definition of what counts as one: any of the events, if all conditions hold; without
// events, any event of kind conversion. It is applied when a question is asked.
type Conversion struct {
	Name       string
	Events     []string // names as clients send them
	Conditions []string // on properties, in the language of the API's "where"
	UpdatedAt  time.Time
}

// Conversions returns the definitions of a workspace by name.
func (s *Store) Conversions(ctx context.Context, workspace string) ([]Conversion, error) {
	return sqlite.List(ctx, s.db, "list conversions", scanConversion, `SELECT name, events, conditions, updated_at FROM conversions WHERE workspace = ? ORDER BY name`, workspace)
}

// Conversion returns one definition, or ErrNotFound.
func (s *Store) Conversion(ctx context.Context, workspace, name string) (Conversion, error) {
	c, err := scanConversion(s.db.QueryRowContext(ctx, `SELECT name, events, conditions, updated_at FROM conversions WHERE workspace = ? AND name = ?`, workspace, name))
	return c, notFound(err, "conversion", name)
}

func scanConversion(r sqlite.Scanner) (Conversion, error) {
	var c Conversion
	var events, conditions []byte
	if err := r.Scan(&c.Name, &events, &conditions, sqlite.Time(&c.UpdatedAt)); err != nil {
		return c, err
	}
	return c, errors.Join(json.Unmarshal(events, &c.Events), json.Unmarshal(conditions, &c.Conditions))
}

// PutConversion adds or replaces a definition.
func (s *Store) PutConversion(ctx context.Context, workspace string, c Conversion) error {
	errs := []error{checkText("conversion name", c.Name, 1)}
	if len(c.Events) > 100 || slices.Contains(c.Events, "") {
		errs = append(errs, fmt.Errorf("%w: a conversion names at most 100 events", ErrInvalid))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if c.Events == nil {
		c.Events = []string{}
	}
	if c.Conditions == nil {
		c.Conditions = []string{}
	}
	events, err := json.Marshal(c.Events)
	if err != nil {
		return fmt.Errorf("encode conversion %s: %w", c.Name, err)
	}
	conditions, err := json.Marshal(c.Conditions)
	if err != nil {
		return fmt.Errorf("encode conversion %s: %w", c.Name, err)
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO conversions (workspace, name, events, conditions, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET events = excluded.events, conditions = excluded.conditions, updated_at = excluded.updated_at`,
			workspace, c.Name, string(events), string(conditions), s.now().UnixMicro())
		if err != nil {
			return fmt.Errorf("put conversion %s: %w", c.Name, err)
		}
		return s.audit(ctx, tx, "conversion.put", c.Name, string(events))
	})
}

// DeleteConversion removes a definition, or returns ErrNotFound.
func (s *Store) DeleteConversion(ctx context.Context, workspace, name string) error {
	return s.remove(ctx, "conversion", `DELETE FROM conversions WHERE workspace = ? AND name = ?`, workspace, name)
}

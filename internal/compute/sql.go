package compute

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/trait"
)

// Bounds of traits by SQL: Segment's, but for the number of rows, which is that of the console.
const (
	MaxColumns = 25
	maxSQLRow  = 16 << 10 // bytes of the values of a row
)

// errSQL wraps what is wrong with the answer of a statement.
var errSQL = errors.New("the statement's answer cannot be traits")

// readColumns fills in the columns that a statement answers.
func (c *Compute) readColumns(ctx context.Context, s *SQLTraits) error {
	if c.config.SQL == nil {
		return fmt.Errorf("%w: this server has no SQL", ErrInvalid)
	}
	table, err := c.config.SQL(ctx, s.Statement, 1)
	if err != nil {
		return err
	}
	_, columns, err := columnsOf(table)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrInvalid, strings.TrimPrefix(err.Error(), errSQL.Error()+": "))
	}
	s.Columns = columns
	return nil
}

// columnsOf returns the place of the id in the rows of an answer, and the keys of its traits.
func columnsOf(table *eventstore.SQLTable) (id int, keys []string, err error) {
	id = -1
	for i, column := range table.Columns {
		switch {
		case column.Name == "user_id" || column.Name == "anonymous_id":
			if id >= 0 {
				return 0, nil, fmt.Errorf("%w: it has two columns of ids; answer user_id or anonymous_id", errSQL)
			}
			id = i
		case trait.CheckKey(column.Name) != nil:
			return 0, nil, fmt.Errorf("%w: %w; name columns with AS", errSQL, trait.CheckKey(column.Name))
		case slices.Contains(keys, column.Name):
			return 0, nil, fmt.Errorf("%w: it has two columns %s", errSQL, column.Name)
		default:
			keys = append(keys, column.Name)
		}
	}
	switch {
	case id < 0:
		return 0, nil, fmt.Errorf("%w: it has no column user_id or anonymous_id", errSQL)
	case len(keys) == 0 || len(keys) > MaxColumns:
		return 0, nil, fmt.Errorf("%w: it has %d columns beside the id; 1 to %d can be traits", errSQL, len(keys), MaxColumns)
	}
	return id, keys, nil
}

// runSQL runs a statement, and computes the audiences that look at its traits for whoever has or had one.
func (c *Compute) runSQL(ctx context.Context, defs []*Definition, d *Definition) (saved, error) {
	fresh, err := c.sqlValues(ctx, d.SQL)
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrClosed) {
			return saved{}, err
		}
		return saved{}, &faultError{d.ID, err}
	}
	people := map[string]bool{}
	for _, key := range d.SQL.Columns {
		for person := range fresh[key] {
			people[person] = true
		}
		had, err := c.config.Profiles.WithKey(ctx, key, "", eventstore.MaxSQLRows)
		if err != nil {
			return saved{}, err
		}
		for _, v := range had {
			people[v.Person] = true
		}
	}
	all := make([]string, 0, len(people))
	for person := range people {
		all = append(all, person)
	}
	slices.Sort(all)
	var out saved
	for some := range slices.Chunk(all, c.config.Page) {
		theirs := map[string]trait.Values{}
		for key, values := range fresh {
			theirs[key] = trait.Values{}
			for _, person := range some {
				if v, ok := values[person]; ok {
					theirs[key][person] = v
				}
			}
		}
		outcomes, err := c.outcomes(ctx, c.dependents(defs, d), some, theirs)
		if err != nil {
			return saved{}, err
		}
		out.Outcomes = append(out.Outcomes, outcomes...)
	}
	return out, nil
}

// sqlValues runs a statement and returns the values of people by key. Ids that name nobody are passed over; of two
// that name one person the one counts that the person is called by, else the first.
func (c *Compute) sqlValues(ctx context.Context, s *SQLTraits) (map[string]trait.Values, error) {
	if c.config.SQL == nil {
		return nil, fmt.Errorf("%w: this server has no SQL", errSQL)
	}
	table, err := c.config.SQL(ctx, s.Statement, eventstore.MaxSQLRows)
	if err != nil {
		return nil, err
	}
	at, keys, err := columnsOf(table)
	switch {
	case err != nil:
		return nil, err
	case !slices.Equal(keys, s.Columns):
		return nil, fmt.Errorf("%w: its columns are %v, and were %v; save it again", errSQL, keys, s.Columns)
	case table.Truncated:
		return nil, fmt.Errorf("%w: it has more than %d rows or is too large; narrow it", errSQL, eventstore.MaxSQLRows)
	}
	rows := map[string][]any{}
	ids := make([]string, len(table.Rows))
	for i, row := range table.Rows {
		if ids[i], err = idOf(row[at]); err != nil {
			return nil, err
		}
		if rows[ids[i]] != nil {
			return nil, fmt.Errorf("%w: an id has two rows; GROUP BY it", errSQL)
		}
		rows[ids[i]] = slices.Delete(slices.Clone(row), at, at+1)
	}
	slices.Sort(ids)
	persons, err := c.config.Profiles.PersonsOf(ctx, table.Columns[at].Name == "anonymous_id", ids)
	if err != nil {
		return nil, err
	}
	out := map[string]trait.Values{}
	for _, key := range keys {
		out[key] = trait.Values{}
	}
	taken := map[string]bool{}
	for _, id := range ids {
		person, known := persons[id]
		if !known || taken[person] && id != person {
			continue
		}
		taken[person] = true
		if err := put(out, keys, person, rows[id]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func idOf(v any) (string, error) {
	id, ok := v.(string)
	if !ok || id == "" {
		return "", fmt.Errorf("%w: an id is empty, null or no text; say WHERE user_id <> ''", errSQL)
	}
	return id, nil
}

// put puts the values of a row in the place of what a person had.
func put(out map[string]trait.Values, keys []string, person string, row []any) error {
	size := 0
	for i, key := range keys {
		delete(out[key], person)
		if row[i] == nil {
			continue
		}
		text, err := valueOf(row[i])
		if err != nil {
			return fmt.Errorf("%w: column %s: %w", errSQL, key, err)
		}
		out[key][person] = text
		size += len(text)
	}
	if size > maxSQLRow {
		return fmt.Errorf("%w: the values of a row are larger than %d bytes", errSQL, maxSQLRow)
	}
	return nil
}

// valueOf writes a value: a text, a number, or true or false.
func valueOf(v any) (json.RawMessage, error) {
	if n, ok := v.(float64); ok {
		return trait.Number(n)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if bytes.ContainsAny(text[:1], "[{") {
		return nil, errors.New("it is a list or an object; answer texts, numbers, true and false")
	}
	return text, nil
}

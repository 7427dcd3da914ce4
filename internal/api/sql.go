package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// Console runs SQL over the views of the event store; not every engine has one.
type Console interface {
	// SQL runs one SELECT and answers at most limit rows. Its errors are those of package eventstore.
	SQL(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error)
	// SQLViews are what statements can read.
	SQLViews() []eventstore.SQLView
}

// SavedQueries are statements that people keep.
type SavedQueries interface {
	// Queries returns all by name.
	Queries(ctx context.Context) ([]SavedQuery, error)
	// CreateQuery adds one with an id and the time, or returns ErrConflict when the name is taken.
	CreateQuery(ctx context.Context, q SavedQuery) (SavedQuery, error)
	// PutQuery replaces one's name, statement and chart; ErrNotFound or ErrConflict.
	PutQuery(ctx context.Context, q SavedQuery) (SavedQuery, error)
	// DeleteQuery removes one, or returns ErrNotFound.
	DeleteQuery(ctx context.Context, id string) error
}

// SavedQuery is a statement under a name.
type SavedQuery struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	SQL       string    `json:"sql"`
	Chart     string    `json:"chart"` // table line bar
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// defaultSQLRows is how many rows a statement answers if it does not say; waitingSQL how many statements
// wait for the one that runs.
const (
	defaultSQLRows = 1000
	waitingSQL     = 4
)

type sqlColumn struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
}

func sqlColumns(columns []eventstore.SQLColumn) []sqlColumn {
	out := make([]sqlColumn, len(columns))
	for i, c := range columns {
		out[i] = sqlColumn{c.Name, c.Type, c.Doc}
	}
	return out
}

// describeSQL says what can be read, and the bounds.
func (s *server) describeSQL(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Console == nil {
		return errNoUse
	}
	type view struct {
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Columns     []sqlColumn `json:"columns"`
	}
	views := []view{}
	for _, v := range s.Console.SQLViews() {
		views = append(views, view{v.Name, v.Doc, sqlColumns(v.Columns)})
	}
	slices.SortFunc(views, func(a, b view) int { return strings.Compare(a.Name, b.Name) })
	return c.answer(http.StatusOK, struct {
		Views   []view `json:"views"`
		MaxRows int    `json:"max_rows"`
		Seconds int    `json:"seconds"`
	}{views, eventstore.MaxSQLRows, int(eventstore.SQLTimeLimit / time.Second)})
}

// runSQL runs a statement. It has a gate of its own: statements take longer than the questions of pages.
func (s *server) runSQL(c *call) error {
	body := struct {
		SQL   string `json:"sql"`
		Limit int    `json:"limit"`
	}{Limit: defaultSQLRows}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if body.Limit < 1 || body.Limit > eventstore.MaxSQLRows {
		return &bodyError{fmt.Sprintf("limit is from 1 to %d", eventstore.MaxSQLRows)}
	}
	if s.Console == nil {
		return errNoUse
	}
	ctx := c.r.Context()
	if !s.statements.enter(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errBusy
	}
	defer s.statements.leave()
	began := time.Now()
	table, err := s.Console.SQL(ctx, body.SQL, body.Limit)
	if err != nil {
		return located(err, body.SQL)
	}
	return c.answer(http.StatusOK, struct {
		Columns   []sqlColumn `json:"columns"`
		Rows      [][]any     `json:"rows"`
		Truncated bool        `json:"truncated"`
		TookMS    float64     `json:"took_ms"`
	}{sqlColumns(table.Columns), table.Rows, table.Truncated, float64(time.Since(began).Microseconds()) / 1e3})
}

// located says in the text of a mistake where it is: line and column count from 1, the column in characters.
func located(err error, statement string) error {
	var e *eventstore.SQLError
	if !errors.As(err, &e) || e.Position < 0 || e.Position > len(statement) {
		return err
	}
	before := statement[:e.Position]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &eventstore.SQLError{Message: fmt.Sprintf("line %d, column %d: %s", line, column, e.Message), Position: e.Position}
}

// reads are the words that a statement begins with that only reads.
var reads = []string{"select", "with", "from", "values"}

// checkReads reports a statement that begins as none that reads does; whether it can run is seen when it does.
func checkReads(statement string) error {
	rest := statement
	for {
		rest = strings.TrimLeft(rest, " \t\r\n(")
		var found bool
		if comment, ok := strings.CutPrefix(rest, "--"); ok {
			_, rest, _ = strings.Cut(comment, "\n")
		} else if comment, ok := strings.CutPrefix(rest, "/*"); ok {
			if _, rest, found = strings.Cut(comment, "*/"); !found {
				rest = ""
			}
		} else {
			break
		}
	}
	word := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }); i >= 0 {
		word = rest[:i]
	}
	if slices.Contains(reads, strings.ToLower(word)) {
		return nil
	}
	return &bodyError{"sql is a statement that reads; it begins with " + strings.ToUpper(strings.Join(reads, ", "))}
}

func (s *server) listQueries(c *call) error {
	return list(c, "queries", s.SavedQueries, SavedQueries.Queries)
}

func (s *server) createQuery(c *call) error {
	body := struct {
		Name  string `json:"name"`
		SQL   string `json:"sql"`
		Chart string `json:"chart"`
	}{Chart: "table"}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	if err := checkName(body.Name); err != nil {
		return err
	}
	if err := checkReads(body.SQL); err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.SavedQueries, func(q SavedQueries, ctx context.Context) (SavedQuery, error) {
		author, err := s.author(c)
		if err != nil {
			return SavedQuery{}, err
		}
		return q.CreateQuery(ctx, SavedQuery{Name: body.Name, SQL: body.SQL, Chart: body.Chart, Author: author})
	})
}

func (s *server) updateQuery(c *call) error {
	var body struct {
		Name  *string `json:"name"`
		SQL   *string `json:"sql"`
		Chart *string `json:"chart"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.SavedQueries, func(queries SavedQueries, ctx context.Context) (SavedQuery, error) {
		all, err := queries.Queries(ctx)
		if err != nil {
			return SavedQuery{}, err
		}
		q, err := find(all, "query", c.r.PathValue("id"), func(q SavedQuery) string { return q.ID })
		if err != nil {
			return SavedQuery{}, err
		}
		replace(&q.Name, body.Name)
		replace(&q.SQL, body.SQL)
		replace(&q.Chart, body.Chart)
		if err := checkName(q.Name); err != nil {
			return SavedQuery{}, err
		}
		if err := checkReads(q.SQL); err != nil {
			return SavedQuery{}, err
		}
		return queries.PutQuery(ctx, q)
	})
}

func (s *server) deleteQuery(c *call) error {
	return remove(c, s.SavedQueries, SavedQueries.DeleteQuery, c.r.PathValue("id"))
}

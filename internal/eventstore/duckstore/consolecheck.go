package duckstore

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// A statement of the console is read by DuckDB's own parser, and what it is made of is compared with what
// is allowed here: anything that is not is refused, so that what a later DuckDB adds is as well. Behind
// this stand a read-only transaction, and a database that has no access to files, network and extensions
// at all; see Store.confine.

// grammar is what DuckDB's json_serialize_sql says of a text.
type grammar struct {
	Error      bool   `json:"error"`
	Message    string `json:"error_message"`
	Position   any    `json:"position"`
	Statements []struct {
		Node json.RawMessage `json:"node"`
	} `json:"statements"`
}

// checker walks a statement.
type checker struct {
	*vocabulary
	views map[string]bool // of the console
	own   map[string]bool // names that the statement gives to parts of its own
	used  map[string]bool // views that it reads
}

// parse returns the statement's syntax tree, and the error of what is no single SELECT.
func parse(ctx context.Context, db querier, statement string) (any, error) {
	var text string
	if err := db.QueryRowContext(ctx, "SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", statement).Scan(&text); err != nil {
		return nil, err
	}
	var g grammar
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return nil, fmt.Errorf("read syntax tree: %w", err)
	}
	switch {
	case g.Error:
		return nil, grammarError(&g)
	case len(g.Statements) != 1:
		return nil, eventstore.SQLNotAllowed("write one statement; these are %d", len(g.Statements))
	}
	var tree any
	if err := json.Unmarshal(g.Statements[0].Node, &tree); err != nil {
		return nil, fmt.Errorf("read syntax tree: %w", err)
	}
	return tree, nil
}

func grammarError(g *grammar) error {
	e := &eventstore.SQLError{Message: g.Message, Position: -1}
	if strings.HasPrefix(g.Message, "Only SELECT") {
		e.Message = "only SELECT, or WITH … SELECT, can be run here"
	}
	switch at := g.Position.(type) {
	case float64:
		e.Position = int(at)
	case string:
		if _, err := fmt.Sscan(at, &e.Position); err != nil {
			e.Position = -1
		}
	}
	return e
}

// names are those of common table expressions: plain, so that none can be taken for a file.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// collect finds the names that a statement gives to its common table expressions.
func (c *checker) collect(node any) error {
	switch x := node.(type) {
	case []any:
		for _, item := range x {
			if err := c.collect(item); err != nil {
				return err
			}
		}
	case map[string]any:
		if m, ok := x["cte_map"].(map[string]any); ok {
			entries, _ := m["map"].([]any)
			for _, entry := range entries {
				e, _ := entry.(map[string]any)
				name, _ := e["key"].(string)
				if err := c.name(name); err != nil {
					return err
				}
			}
		}
		if name, ok := x["cte_name"].(string); ok {
			if err := c.name(name); err != nil {
				return err
			}
		}
		for _, item := range x {
			if err := c.collect(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) name(name string) error {
	lower := strings.ToLower(name)
	if !plainName.MatchString(name) || c.taken[lower] && !c.views[lower] {
		return eventstore.SQLNotAllowed("a WITH part cannot be called %q here; use another name", name)
	}
	c.own[lower] = true
	return nil
}

// Parts of syntax trees that statements may have.
var (
	allowedTypes = []string{
		"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
		"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT",
		"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
	}
	allowedClasses = []string{
		"CONSTANT", "COLUMN_REF", "FUNCTION", "STAR", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "CAST", "SUBQUERY",
		"BETWEEN", "WINDOW", "LAMBDA", "LAMBDA_REF", "COLLATE", "POSITIONAL_REFERENCE", "TYPE",
	}
	allowedTableFunctions = []string{"range", "generate_series", "unnest"}
	// pieces are the entries of ORDER BY, and what types are made of.
	pieces = regexp.MustCompile(`^(ORDER_DEFAULT|ASCENDING|DESCENDING|\w+_TYPE_INFO)$`)
)

// check refuses what a part of a tree must not have, and notes the views that it reads.
func (c *checker) check(node any) error {
	switch x := node.(type) {
	case []any:
		for _, item := range x {
			if err := c.check(item); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := c.part(x); err != nil {
			return err
		}
		for name, item := range x {
			if name == "function" && x["type"] == "TABLE_FUNCTION" { // its name was checked with the part
				f, _ := item.(map[string]any)
				item = f["children"]
			}
			if err := c.check(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) part(x map[string]any) error {
	if class, ok := x["class"].(string); ok {
		return c.expression(class, x)
	}
	typ, ok := x["type"].(string)
	switch {
	case !ok || pieces.MatchString(typ):
		return nil
	case typ == "SHOW_REF":
		return eventstore.SQLNotAllowed("DESCRIBE, SHOW and SUMMARIZE cannot be run here; the list of views names their columns")
	case !slices.Contains(allowedTypes, typ):
		return eventstore.SQLNotAllowed("%s cannot be used here", strings.ToLower(strings.ReplaceAll(typ, "_", " ")))
	case typ == "TABLE_FUNCTION":
		f, _ := x["function"].(map[string]any)
		return c.call(f, func(name string) bool { return slices.Contains(allowedTableFunctions, name) })
	case typ == "BASE_TABLE":
		return c.table(x)
	}
	return nil
}

func (c *checker) table(x map[string]any) error {
	text := func(name string) string { s, _ := x[name].(string); return s }
	name := strings.ToLower(text("table_name"))
	known := text("catalog_name") == "" && text("schema_name") == "" && x["at_clause"] == nil && (c.views[name] || c.own[name])
	if !known {
		views := slices.Sorted(func(yield func(string) bool) {
			for v := range c.views {
				if !yield(v) {
					return
				}
			}
		})
		return eventstore.SQLNotAllowed("there is no table %q; there are %s", text("table_name"), strings.Join(views, ", "))
	}
	if c.views[name] {
		c.used[name] = true
	}
	return nil
}

func (c *checker) expression(class string, x map[string]any) error {
	switch {
	case class == "PARAMETER":
		return eventstore.SQLNotAllowed("parameters cannot be used here; write the value")
	case !slices.Contains(allowedClasses, class):
		return eventstore.SQLNotAllowed("an expression of class %s cannot be used here", strings.ToLower(class))
	case class == "TYPE" && (x["catalog"] != "" || x["schema"] != ""):
		return eventstore.SQLNotAllowed("types of other schemas cannot be used here")
	case class == "FUNCTION" || class == "WINDOW":
		return c.call(x, func(name string) bool { return c.functions[name] })
	}
	return nil
}

func (c *checker) call(f map[string]any, allowed func(name string) bool) error {
	name, _ := f["function_name"].(string)
	catalog, _ := f["catalog"].(string)
	schema, _ := f["schema"].(string)
	if catalog != "" || schema != "" && schema != "main" || !allowed(strings.ToLower(name)) {
		return eventstore.SQLNotAllowed("the function %q cannot be used here", name)
	}
	return nil
}

// Functions without side effects that statements cannot call all the same: they tell of the server, run
// statements of their own, or make values of any size out of nothing, beyond what memory limits see.
var refusedFunctions = regexp.MustCompile(`^(current_setting|getenv|getvariable|txid_current|current_(database|schema|schemas|catalog|query\w*|user|role|connection_id|transaction_id)|session_user|user|` +
	`json_(de)?serialize\w*|json_execute\w*|pg_.*|has_.*_privilege|inet_.*|.*_description|get_block_size|in_search_path|cast_to_type|` +
	`repeat|lpad|rpad|range|generate_series|bar|bitstring|list_resize|array_resize|format|printf|map_to_pg_oid|format_pg_type|` +
	`parse_duckdb_log_message|enum_\w+|st_.*|icu_collate_.*|__internal_.*|variant_.*|create_sort_key|vector_type|make_type|sleep_ms|error|write_log|nextval|currval|setseed|stats)$`)

// Functions that DuckDB's list lacks, or says to have side effects.
var moreFunctions = []string{
	"unnest", "random", "uuid", "gen_random_uuid", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
	"first_value", "last_value", "nth_value", "grouping", "grouping_id", "try", "columns", "list_value", "struct_pack", "row", "count_star",
}

// vocabulary is what the database has names for; it does not change while it is open, but for sealed months,
// whose tables are all called alike.
type vocabulary struct{ functions, taken map[string]bool }

// vocabularyOf reads it once. The caller has the console's place.
func (s *Store) vocabularyOf(ctx context.Context, db querier) (*vocabulary, error) {
	if s.words != nil {
		return s.words, nil
	}
	w := &vocabulary{functions: map[string]bool{}, taken: map[string]bool{}}
	for _, name := range moreFunctions {
		w.functions[name] = true
	}
	err := eachText(ctx, db, func(name string) {
		if !refusedFunctions.MatchString(name) {
			w.functions[name] = true
		}
	}, "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'macro') AND NOT coalesce(has_side_effects, false)")
	if err != nil {
		return nil, err
	}
	err = eachText(ctx, db, func(name string) { w.taken[name] = true },
		"SELECT lower(table_name) FROM duckdb_tables() UNION SELECT lower(view_name) FROM duckdb_views()")
	if err != nil {
		return nil, err
	}
	s.words = w
	return w, nil
}

func eachText(ctx context.Context, db querier, each func(text string), statement string) error {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		each(text)
	}
	return rows.Err()
}

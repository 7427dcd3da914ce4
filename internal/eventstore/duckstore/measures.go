package duckstore

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// rowSet is the rows of a question as a SELECT: the bucket, a column for each part of the breakdown, and
// what the measures look at.
type rowSet struct {
	columns map[string]string // SQL to the column's name
	order   []string          // SQL, in order of the names
}

// column gives an expression over rows a name, the same for the same expression.
func (r *rowSet) column(sql string) string {
	if name, ok := r.columns[sql]; ok {
		return name
	}
	name := "x" + strconv.Itoa(len(r.order))
	r.columns[sql] = name
	r.order = append(r.order, sql)
	return name
}

// of selects the row set of the rows that pass, behind their bucket.
func (r *rowSet) of(rows scope, bucket, pass string) (string, error) {
	from, err := rows.from()
	if err != nil {
		return "", err
	}
	columns := append([]string{bucket + " AS b"}, r.selected()...)
	return fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(columns, ", "), from, where(pass)), nil
}

// selected are the columns with their names, as a SELECT lists them.
func (r *rowSet) selected() []string {
	out := make([]string, len(r.order))
	for i, sql := range r.order {
		out[i] = fmt.Sprintf("%s AS x%d", sql, i)
	}
	return out
}

// aggregates are the expressions of measures over a row set, to which they add what they look at.
func (c *compiler) aggregates(measures []query.Measure, rows scope, set *rowSet) ([]string, error) {
	out := make([]string, len(measures))
	for i := range measures {
		var err error
		if out[i], err = c.aggregate(&measures[i], rows, set); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// aggregate compiles a measure over the columns of the rows. It comes out as DOUBLE.
func (c *compiler) aggregate(m *query.Measure, s scope, r *rowSet) (string, error) {
	narrow, err := c.condition(m.Where, s)
	if err != nil {
		return "", err
	}
	filter := ""
	if narrow != "" {
		filter = " FILTER (WHERE " + r.column(narrow) + ")"
	}
	if m.Field == "" {
		return "count(*)" + filter + "::DOUBLE", nil
	}
	f, err := query.Resolve(s.grain(), m.Field)
	if err != nil {
		return "", err
	}
	x, err := s.field(f)
	if err != nil {
		return "", err
	}
	if x.typ == query.Time && (m.Op == query.Min || m.Op == query.Max) {
		x.sql = "epoch_us(" + x.sql + ")"
	}
	if x.set {
		return aggregateSets(m, x, filter, r, narrow), nil
	}
	if x.whole != "" && m.Op == query.Quantile {
		x.sql = x.whole
	}
	v := r.column(x.sql)
	switch m.Op {
	case query.Count:
		return "count(" + v + ")" + filter + "::DOUBLE", nil
	case query.Distinct:
		return "count(DISTINCT " + v + ")" + filter + "::DOUBLE", nil
	case query.Sum:
		return "sum(" + v + ")" + filter, nil
	case query.SumSquares:
		return "sum(" + v + "::DOUBLE * " + v + "::DOUBLE)" + filter, nil
	case query.Mean:
		return "avg(" + v + ")" + filter, nil
	case query.Min, query.Max:
		return string(m.Op) + "(" + v + ")" + filter + "::DOUBLE", nil
	}
	switch {
	case m.Q == 0.5:
		return "quantile_cont(" + v + ", 0.5)" + filter + "::DOUBLE", nil
	case exactRank(m.Q):
		return fmt.Sprintf("quantile_disc(%s, %s)%s::DOUBLE", v, strconv.FormatFloat(m.Q, 'f', -1, 64), filter), nil
	}
	return ranked("list("+v+" ORDER BY "+v+") FILTER (WHERE "+and(v+" IS NOT NULL", nameOf(narrow, r))+")", m.Q) + "::DOUBLE", nil
}

func nameOf(condition string, r *rowSet) string {
	if condition == "" {
		return ""
	}
	return r.column(condition)
}

// aggregateSets is aggregate for a set-valued field, of which every value counts.
func aggregateSets(m *query.Measure, x expr, filter string, r *rowSet, narrow string) string {
	if m.Op == query.Count {
		return "count(*) FILTER (WHERE " + and(r.column(x.exists()), nameOf(narrow, r)) + ")::DOUBLE"
	}
	flat := "flatten(list(" + r.column(x.list()) + ")" + filter + ")"
	switch m.Op {
	case query.Distinct:
		return "coalesce(len(list_distinct(" + flat + ")), 0)::DOUBLE"
	case query.Sum:
		return "list_sum(" + flat + ")"
	case query.SumSquares:
		return "list_sum(list_transform(" + flat + ", x -> x::DOUBLE * x::DOUBLE))"
	case query.Mean:
		return "list_avg(" + flat + ")"
	case query.Min:
		return "list_min(" + flat + ")::DOUBLE"
	case query.Max:
		return "list_max(" + flat + ")::DOUBLE"
	}
	if m.Q == 0.5 {
		return "list_aggregate(" + flat + ", 'quantile_cont', 0.5)"
	}
	return ranked("list_sort("+flat+")", m.Q)
}

// ranked is the ceil(q·n)-th of a sorted list, with the product in float64.
func ranked(sorted string, q float64) string {
	literal := strconv.FormatFloat(q, 'e', -1, 64) + "::DOUBLE"
	return fmt.Sprintf("list_extract(%[1]s, ceil(%[2]s * len(%[1]s)::DOUBLE)::BIGINT)", sorted, literal)
}

// exactRank reports whether DuckDB's quantile_disc answers the ceil(q·n)-th for every n that can be: it
// counts with the decimal that q is written as, the contract with the float64 product. The two agree
// if q has few digits and is so near to its decimal that whole products come out whole.
func exactRank(q float64) bool {
	text := strconv.FormatFloat(q, 'f', -1, 64)
	if len(text) > len("0.123456") {
		return false
	}
	decimal, ok := new(big.Rat).SetString(text)
	if !ok {
		return false
	}
	off, _ := new(big.Rat).Sub(new(big.Rat).SetFloat64(q), decimal).Float64()
	return math.Abs(off/q) < 0x1p-54
}

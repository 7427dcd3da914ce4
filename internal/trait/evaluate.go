package trait

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// Asker answers questions. An event store does.
type Asker interface {
	Query(ctx context.Context, q query.Query) (*query.Result, error)
}

// At is when and under what a trait is computed.
type At struct {
	// Now ends windows.
	Now time.Time
	// Conversion is what the definition's Conversion names; needed if it [Definition.AsksConversion].
	Conversion *query.Conversion
}

// Values are what people have of one trait, by person, as JSON: a number, a string, a truth value, a list of such, a
// time as RFC 3339. Numbers have twelve digits, so that the same facts always make the same bytes. Who has no row has no entry.
type Values map[string]json.RawMessage

// MaxPeople is how many people one evaluation looks at.
const MaxPeople = 5000

// Evaluate computes a valid definition for some people, at most MaxPeople. It is always computed of all
// rows of theirs, never of a former value, so that late, repeated and replaced rows make no difference.
func (d *Definition) Evaluate(ctx context.Context, ask Asker, people []string, at At) (Values, error) {
	if len(people) > MaxPeople {
		return nil, fmt.Errorf("evaluate for %d people; at most %d at once", len(people), MaxPeople)
	}
	out := Values{}
	if len(people) == 0 {
		return out, nil
	}
	q, err := d.question(people, at)
	if err != nil {
		return nil, err
	}
	res, err := ask.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	if res.Groups > len(res.Rows) && len(people) > 1 {
		return d.halves(ctx, ask, people, at)
	}
	byPerson := map[string][]query.Row{}
	for _, r := range res.Rows {
		person := r.Keys[0].Value
		byPerson[person] = append(byPerson[person], r)
	}
	for person, rows := range byPerson {
		v, err := d.value(rows)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[person] = v
		}
	}
	return out, nil
}

// halves evaluates for each half of the people, since all together have more values than one answer holds.
func (d *Definition) halves(ctx context.Context, ask Asker, people []string, at At) (Values, error) {
	out := Values{}
	for _, half := range [][]string{people[:len(people)/2], people[len(people)/2:]} {
		values, err := d.Evaluate(ctx, ask, half, at)
		if err != nil {
			return nil, err
		}
		for person, v := range values {
			out[person] = v
		}
	}
	return out, nil
}

// question is what a definition asks of an event store for some people.
func (d *Definition) question(people []string, at At) (query.Query, error) {
	where, err := d.filter()
	if err != nil {
		return query.Query{}, err
	}
	q := query.Query{
		Grain: d.Of, WeekStart: time.Monday, Limit: query.MaxLimit,
		Filter: query.AllOf(query.Is("person", query.Eq, people...), where), Breakdown: []string{"person"},
		Measures: []query.Measure{d.measure()},
	}
	if d.AsksConversion() {
		q.Conversion = at.Conversion
	}
	if d.Aggregate.ofValues() && d.Field != "person" {
		q.Breakdown = append(q.Breakdown, d.Field)
		q.Filter = query.AllOf(q.Filter, d.hasField())
	}
	if d.Window > 0 {
		q.Range.From = at.Now.Add(-time.Duration(d.Window))
	}
	return q, q.Validate()
}

// hasField leaves out rows that lack the field, which the groups of a breakdown would hold as absent.
func (d *Definition) hasField() *query.Filter {
	has := query.Is(d.Field, query.Exists)
	if f, err := query.Resolve(d.Of, d.Field); err == nil && f.Origin == query.OfEvents {
		has = &query.Filter{Has: has}
	}
	return has
}

func (d *Definition) measure() query.Measure {
	m := query.Measure{As: "value", Field: d.Field}
	switch d.Aggregate {
	case Count, MostFrequent, UniqueList:
		m.Op, m.Field = query.Count, ""
	case Sum:
		m.Op = query.Sum
	case Avg:
		m.Op = query.Mean
	case Min:
		m.Op = query.Min
	case Max:
		m.Op = query.Max
	case First:
		m.Op, m.Field = query.Min, timeOf(d.Of)
	case Last:
		m.Op, m.Field = query.Max, timeOf(d.Of)
	case UniqueCount:
		m.Op = query.Distinct
	default:
		panic("BUG: aggregate was not validated: " + string(d.Aggregate))
	}
	return m
}

// timeOf is the field that holds the time of a grain's rows.
func timeOf(g query.Grain) string {
	if g == query.Conversations {
		return "at"
	}
	return "occurred_at"
}

// value is what the groups of one person make; nil if they make nothing.
func (d *Definition) value(rows []query.Row) (json.RawMessage, error) {
	switch d.Aggregate {
	case MostFrequent:
		return d.one(rows, func(r query.Row) float64 { return r.Values[0].Num }, d.least())
	case First:
		return d.one(rows, func(r query.Row) float64 { return -r.Values[0].Num }, math.Inf(-1))
	case Last:
		return d.one(rows, func(r query.Row) float64 { return r.Values[0].Num }, math.Inf(-1))
	case UniqueList:
		return d.list(rows)
	}
	v := rows[0].Values[0]
	switch {
	case !v.OK || v.Num == 0 && (d.Aggregate == Count || d.Aggregate == UniqueCount):
		return nil, nil
	case d.isTime():
		return json.Marshal(time.UnixMicro(int64(v.Num)).UTC().Format(time.RFC3339Nano))
	}
	return Number(v.Num)
}

// Number writes a number with twelve digits: the last ones of a sum depend on the order in which an engine adds.
func Number(v float64) (json.RawMessage, error) {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return nil, fmt.Errorf("round %v: %w", v, err)
	}
	return json.RawMessage(strconv.FormatFloat(rounded, 'f', -1, 64)), nil
}

// isTime says that the values of the definition are times.
func (d *Definition) isTime() bool {
	return (d.Aggregate == Min || d.Aggregate == Max) && d.fieldType() == query.Time
}

// one is the value of the group that ranks highest, of equal ones the first by its bytes; none below least.
func (d *Definition) one(rows []query.Row, rank func(query.Row) float64, least float64) (json.RawMessage, error) {
	best := -1
	for i, r := range rows {
		if rank(r) < least {
			continue
		}
		if best < 0 || rank(r) > rank(rows[best]) || rank(r) == rank(rows[best]) && last(r) < last(rows[best]) {
			best = i
		}
	}
	if best < 0 {
		return nil, nil
	}
	return d.typed(last(rows[best]))
}

// last is the value of a group: the key of the field, which the breakdown names last.
func last(r query.Row) string { return r.Keys[len(r.Keys)-1].Value }

// list is the values of all groups, in order: numbers by their size, all else by its bytes.
func (d *Definition) list(rows []query.Row) (json.RawMessage, error) {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = last(r)
	}
	number := func(text string) float64 {
		v, _ := strconv.ParseFloat(text, 64) // of no number 0
		return v
	}
	slices.Sort(texts)
	if d.fieldType() == query.Number {
		slices.SortStableFunc(texts, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	}
	values := []json.RawMessage{}
	for _, text := range texts[:min(len(texts), MaxList)] {
		v, err := d.typed(text)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return json.Marshal(values)
}

// typed is a value of the field, which a group is called by, as what it is.
func (d *Definition) typed(text string) (json.RawMessage, error) {
	switch d.fieldType() {
	case query.Number:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("read value of %s: %w", d.Field, err)
		}
		return Number(v)
	case query.Bool:
		return json.Marshal(text == "true")
	}
	return json.Marshal(text)
}

// fieldType is the type of the field; empty if there is none such.
func (d *Definition) fieldType() query.Type {
	f, err := query.Resolve(d.Of, d.Field)
	if err != nil {
		return ""
	}
	return f.Type
}

// least is how many rows the most frequent value has at least.
func (d *Definition) least() float64 {
	if d.MinCount == 0 {
		return DefaultMinCount
	}
	return float64(d.MinCount)
}

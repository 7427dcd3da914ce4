package api

import (
	"encoding/csv"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/stats"
)

// form is how an answer is wanted: as JSON, or as the CSV of its table.
type form struct{ csv, safe bool }

func (c *call) form() form {
	return form{csv: c.choice("format", "json", "json", "csv") == "csv", safe: c.flag("safe", true)}
}

// rowFunc takes the cells of the next row of a table: those that [cell] writes, or nil for an empty one. The first
// row is the head.
type rowFunc func(cells ...any)

// answerIn answers v in a form; table gives its rows.
func (c *call) answerIn(f form, name string, v any, table func(row rowFunc)) error {
	if !f.csv {
		return c.answer(http.StatusOK, v)
	}
	to := &file{c: c, name: name, format: "csv", safe: f.safe}
	to.open()
	out := csv.NewWriter(to.out)
	var failed error
	table(func(cells ...any) {
		record := make([]string, len(cells))
		for i, v := range cells {
			if v != nil && failed == nil {
				record[i], failed = cell(reflect.ValueOf(v), f.safe)
			}
		}
		if failed == nil {
			to.extend()
			failed = out.Write(record)
		}
	})
	out.Flush()
	if err := errors.Join(failed, out.Error(), to.close()); err != nil {
		panic(http.ErrAbortHandler) // a part is not to be taken for the whole
	}
	return nil
}

// grouped are the cells that say which group a row is of: one a field of the breakdown, and what people call it.
func grouped(keys []*string, label string) []any {
	var out []any
	for _, key := range keys {
		out = append(out, key)
	}
	if len(out) > 0 {
		out = append(out, label)
	}
	return out
}

// groupedHead is the head of what grouped returns.
func groupedHead(breakdown []string) []any {
	var out []any
	for _, field := range breakdown {
		out = append(out, field)
	}
	if len(out) > 0 {
		out = append(out, "label")
	}
	return out
}

// started is the cell of a bucket, in the zone of the answer as in its JSON.
func started(t time.Time) string { return t.Format(time.RFC3339) }

// ends are the cells of an interval, empty without one.
func ends(i *stats.Interval) (low, high any) {
	if i == nil {
		return nil, nil
	}
	return i.Lo(), i.Hi()
}

// metricRows are the buckets of a metric's answer, else its figure: of each group if there is a breakdown. With a
// comparison a bucket stands beside the one that is as far from the start of the period before.
func metricRows(a *insight.Answer, q *insight.Question, row rowFunc) {
	head := groupedHead(q.Breakdown)
	compared := q.Compare && (q.Period == "" || len(q.Breakdown) == 0)
	if q.Period != "" {
		head = append(head, "start")
	}
	head = append(head, "value", "n", "coverage")
	if compared {
		head = append(head, "previous_value")
	}
	row(head...)
	figure := func(of []any, value *float64, n int64, coverage, previous *float64) {
		cells := append(of, value, n, coverage)
		if compared {
			cells = append(cells, previous)
		}
		row(cells...)
	}
	buckets := func(of []any, points, previous []insight.Point) {
		for i, p := range points {
			var before *float64
			if i < len(previous) {
				before = previous[i].Value
			}
			figure(append(of[:len(of):len(of)], started(p.Start)), p.Value, p.N, p.Coverage, before)
		}
	}
	switch {
	case len(q.Breakdown) > 0:
		for _, g := range a.Groups {
			if of := grouped(g.Keys, g.Label); q.Period != "" {
				buckets(of, g.Series, nil)
			} else {
				figure(of, g.Value, g.N, g.Coverage, g.PreviousValue)
			}
		}
	case q.Period != "":
		buckets(nil, a.Series, a.PreviousSeries)
	default:
		var before *float64
		if a.Previous != nil {
			before = a.Previous.Total.Value
		}
		figure(nil, a.Total.Value, a.Total.N, a.Total.Coverage, before)
	}
}

// funnelRows are the steps of a funnel, of each group if there is a breakdown.
func funnelRows(a *insight.FunnelAnswer, breakdown []string, row rowFunc) {
	row(append(groupedHead(breakdown), "step", "name", "n", "rate_from_first", "interval_low", "interval_high", "rate_from_previous", "median_ms_from_previous", "conditions")...)
	steps := func(of []any, all []insight.FunnelStep) {
		for i, s := range all {
			low, high := ends(s.Interval)
			row(append(of[:len(of):len(of)], i+1, s.Name, s.N, s.RateFromFirst, low, high, s.RateFromPrevious, s.MedianMS, s.Conditions)...)
		}
	}
	if len(breakdown) == 0 {
		steps(nil, a.Steps)
	}
	for _, g := range a.Groups {
		steps(grouped(g.Keys, g.Label), g.Steps)
	}
}

// retentionRows are the cells of the triangle: those of a cohort that returned after k periods. With a breakdown they are
// the points of each group's curve.
func retentionRows(a *insight.RetentionAnswer, breakdown string, row rowFunc) {
	if breakdown == "" {
		row("start", "size", "k", "returned", "complete")
		for _, c := range a.Cohorts {
			for k, n := range c.Returned {
				row(started(c.Start), c.Size, k, n, k < c.Complete)
			}
		}
		return
	}
	row(append(groupedHead([]string{breakdown}), "size", "k", "returned", "eligible", "rate", "interval_low", "interval_high")...)
	for _, g := range a.Groups {
		for _, p := range g.Curve {
			low, high := ends(p.Interval)
			row(append(grouped([]*string{g.Key}, g.Label), g.Size, p.K, p.Returned, p.Eligible, p.Rate, low, high)...)
		}
	}
}

// pathRows are the links of paths. Nodes are in them: what flows into one flows out of it.
func pathRows(a *insight.PathsAnswer, row rowFunc) {
	row("step", "from_kind", "from_name", "from_label", "to_kind", "to_name", "to_label", "n")
	nodes := map[string]*insight.PathNode{}
	for i := range a.Nodes {
		nodes[a.Nodes[i].ID] = &a.Nodes[i]
	}
	for _, l := range a.Links {
		from, to := nodes[l.From], nodes[l.To]
		row(l.Step, from.Kind, from.Name, from.Label, to.Kind, to.Name, to.Label, l.N)
	}
}

package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// formatResult writes the answer to a query as Script's "want" has it.
func formatResult(q *query.Query, r *query.Result) string {
	zone, err := query.LoadZone(q.Zone)
	if err != nil {
		panic("BUG: answered in an unknown zone: " + err.Error())
	}
	var b strings.Builder
	groups := map[string]bool{}
	for _, row := range r.Rows {
		var keys, out []string
		if q.Period != query.All {
			out = append(out, row.Start.In(zone).Format(time.RFC3339Nano))
		}
		for _, k := range row.Keys {
			if k.Absent {
				keys = append(keys, "-")
			} else {
				keys = append(keys, quoted(k.Value))
			}
		}
		groups[strings.Join(keys, " ")] = true
		out = append(out, keys...)
		for i, v := range row.Values {
			out = append(out, formatValue(q, q.Measures[i], v))
		}
		fmt.Fprintln(&b, strings.Join(out, " "))
	}
	if r.Groups != len(groups) {
		fmt.Fprintf(&b, "of %d groups\n", r.Groups)
	}
	return b.String()
}

// formatValue writes a number with at most twelve digits, so that the last bits do not count; a
// time as a time.
func formatValue(q *query.Query, m query.Measure, v query.Value) string {
	if !v.OK {
		return "-"
	}
	if f, err := query.Resolve(q.Grain, m.Field); err == nil && f.Type == query.Time && (m.Op == query.Min || m.Op == query.Max) {
		return time.UnixMicro(int64(v.Num)).UTC().Format(time.RFC3339Nano)
	}
	n, err := strconv.ParseFloat(strconv.FormatFloat(v.Num, 'g', 12, 64), 64)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

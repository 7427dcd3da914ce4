package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debrief-dev/debrief/internal/query"
)

// near says that two numbers are the same but for the order in which an engine adds up.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

// differ compares two answers to a question, and says what differs; "" if they agree.
func (q question) differ(want, got answer) string {
	switch {
	case want.err != nil || got.err != nil:
		if (want.err == nil) == (got.err == nil) {
			return ""
		}
		return fmt.Sprintf("errors: want %v, got %v", want.err, got.err)
	case q.flow != nil:
		return cmp.Diff(strings.Split(want.text, "\n"), strings.Split(got.text, "\n"))
	case q.list != nil:
		return differRows(want.rows, got.rows)
	}
	if len(want.result.Rows) != len(got.result.Rows) || want.result.Groups != got.result.Groups {
		return fmt.Sprintf("%d rows of %d groups, want %d of %d", len(got.result.Rows), got.result.Groups, len(want.result.Rows), want.result.Groups)
	}
	for i, w := range want.result.Rows {
		g := got.result.Rows[i]
		if sameRow(w, g) || q.tied(want.result, got.result, i) {
			continue
		}
		return fmt.Sprintf("row %d is %v, want %v", i+1, g, w)
	}
	return ""
}

// differRows shows the first row of a list that differs.
func differRows(want, got []any) string {
	for i := range min(len(want), len(got)) {
		if diff := cmp.Diff(want[i], got[i], equal, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
			return fmt.Sprintf("row %d (-want +got):\n%s", i+1, diff)
		}
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	return ""
}

func sameRow(a, b query.Row) bool {
	return a.Start.Equal(b.Start) && slices.Equal(a.Keys, b.Keys) && slices.EqualFunc(a.Values, b.Values, func(x, y query.Value) bool {
		return x.OK == y.OK && (!x.OK || near(x.Num, y.Num))
	})
}

// tied reports whether the row that is wanted in a place stands in another one only because the
// numbers that order the groups are the same but for their last bits.
func (q question) tied(want, got *query.Result, i int) bool {
	if q.query.Period != query.All || len(want.Rows) != want.Groups {
		return false
	}
	j := slices.IndexFunc(got.Rows, func(r query.Row) bool { return sameRow(r, want.Rows[i]) })
	return j >= 0 && want.Rows[i].Values[0].OK && near(want.Rows[i].Values[0].Num, got.Rows[i].Values[0].Num) &&
		want.Rows[i].Values[0].Num != got.Rows[i].Values[0].Num
}

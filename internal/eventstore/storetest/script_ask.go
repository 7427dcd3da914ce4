package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// ask answers the "ask" files of a script.
func ask(ctx context.Context, r eventstore.Reader, text string) (string, error) {
	q, err := parseQuery(text)
	if err != nil {
		return "", err
	}
	result, err := r.Query(ctx, *q)
	if err != nil {
		return "", err
	}
	return formatResult(q, result), nil
}

// parseQuery reads a query as Script describes it.
func parseQuery(text string) (*query.Query, error) {
	q := &query.Query{WeekStart: time.Monday}
	for _, line := range lines(text) {
		word, rest, _ := strings.Cut(line, " ")
		if err := queryLine(q, word, rest); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return q, nil
}

func queryLine(q *query.Query, word, rest string) error {
	var err error
	switch word {
	case "grain":
		q.Grain = query.Grain(rest)
	case "period":
		q.Period = query.Period(rest)
	case "week_start":
		q.WeekStart = time.Weekday(slices.IndexFunc(weekdays, func(d string) bool { return d == rest }))
	case "breakdown":
		p := filterParser{rest: rest}
		for more := true; more && err == nil; more = p.accept(',') {
			var name string
			name, err = p.word(",")
			q.Breakdown = append(q.Breakdown, name)
		}
	case "limit":
		q.Limit, err = strconv.Atoi(rest)
	case "zone", "from", "until", "filter", "conversion", "explicit":
		err = commonLine(word, rest, &q.Zone, &q.Range, &q.Filter, &q.Conversion)
	default:
		var m query.Measure
		m, err = parseMeasure(word, rest)
		m.As = "m" + strconv.Itoa(len(q.Measures)+1)
		q.Measures = append(q.Measures, m)
	}
	return err
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// commonLine reads the lines that queries and lists share.
func commonLine(word, rest string, zone *string, r *query.Range, f **query.Filter, c **query.Conversion) error {
	var err error
	switch word {
	case "zone":
		*zone = rest
	case "from":
		r.From, err = parseBound(rest)
	case "until":
		r.Until, err = parseBound(rest)
	case "filter":
		var and *query.Filter
		and, err = parseFilter(rest)
		*f = query.AllOf(*f, and)
	case "conversion":
		*c = &query.Conversion{Name: "converted"}
		if rest != "*" {
			(*c).Match, err = parseFilter(rest)
		}
	case "explicit":
		if *c == nil {
			return errors.New("no conversion before")
		}
		(*c).Explicit = true
	}
	return err
}

// parseBound reads a time, or a date in UTC.
func parseBound(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}

func parseMeasure(op, rest string) (query.Measure, error) {
	m := query.Measure{Op: query.Op(op)}
	rest, where, ok := strings.Cut(" "+rest, " where ")
	var err error
	if ok {
		if m.Where, err = parseFilter(where); err != nil {
			return m, err
		}
	}
	p := filterParser{rest: strings.TrimSpace(rest)}
	if m.Op == query.Quantile {
		var q string
		if q, err = p.word(" "); err == nil {
			m.Q, err = strconv.ParseFloat(q, 64)
		}
	}
	if p.rest != "" && err == nil {
		m.Field, err = p.word(" ")
	}
	if p.rest != "" && err == nil {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	return m, err
}

// formatQuery writes a query as parseQuery reads it.
func formatQuery(q *query.Query) string {
	var b strings.Builder
	line := func(word string, rest string) {
		if rest != "" {
			fmt.Fprintf(&b, "%s %s\n", word, rest)
		}
	}
	line("grain", string(q.Grain))
	line("period", string(q.Period))
	line("week_start", weekdays[q.WeekStart])
	b.WriteString(formatCommon(q.Zone, q.Range, q.Filter, q.Conversion))
	var breakdown []string
	for _, name := range q.Breakdown {
		breakdown = append(breakdown, quoted(name))
	}
	line("breakdown", strings.Join(breakdown, ", "))
	if q.Limit != 0 {
		line("limit", strconv.Itoa(q.Limit))
	}
	for _, m := range q.Measures {
		rest := ""
		if m.Field != "" {
			rest = quoted(m.Field)
		}
		if m.Op == query.Quantile {
			rest = fmt.Sprint(m.Q, " ", rest)
		}
		if m.Where != nil {
			rest += " where " + formatFilter(m.Where)
		}
		fmt.Fprintln(&b, strings.TrimSpace(string(m.Op)+" "+rest))
	}
	return b.String()
}

func formatCommon(zone string, r query.Range, f *query.Filter, c *query.Conversion) string {
	var b strings.Builder
	if zone != "" {
		fmt.Fprintln(&b, "zone", zone)
	}
	if !r.From.IsZero() {
		fmt.Fprintln(&b, "from", r.From.Format(time.RFC3339Nano))
	}
	if !r.Until.IsZero() {
		fmt.Fprintln(&b, "until", r.Until.Format(time.RFC3339Nano))
	}
	if f != nil {
		fmt.Fprintln(&b, "filter", formatFilter(f))
	}
	if c != nil {
		match := "*"
		if c.Match != nil {
			match = formatFilter(c.Match)
		}
		fmt.Fprintln(&b, "conversion", match)
		if c.Explicit {
			fmt.Fprintln(&b, "explicit")
		}
	}
	return b.String()
}

package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// flowLine reads the lines that the questions about the order of events share; known is false for others.
func flowLine(word, rest string, week *time.Weekday, breakdown *[]string, limit *int) (known bool, err error) {
	switch word {
	case "week_start":
		*week = time.Weekday(slices.Index(weekdays, rest))
	case "breakdown":
		p := filterParser{rest: rest}
		for more := true; more && err == nil; more = p.accept(',') {
			var name string
			name, err = p.word(",")
			*breakdown = append(*breakdown, name)
		}
	case "limit":
		*limit, err = strconv.Atoi(rest)
	default:
		return false, nil
	}
	return true, err
}

// starFilter reads a filter, or * for none.
func starFilter(s string) (*query.Filter, error) {
	if s == "*" {
		return nil, nil
	}
	return parseFilter(s)
}

func formatStar(f *query.Filter) string {
	if f == nil {
		return "*"
	}
	return formatFilter(f)
}

// isCommon says that commonLine knows a line.
func isCommon(word string) bool {
	return slices.Contains([]string{"zone", "from", "until", "filter", "conversion", "explicit"}, word)
}

func parseFunnel(text string) (*funnel, error) {
	f := &funnel{query.Funnel{Grain: query.Conversations}}
	var week time.Weekday
	for _, line := range lines(text) {
		word, rest, _ := strings.Cut(line, " ")
		known, err := flowLine(word, rest, &week, &f.Breakdown, &f.Limit)
		switch {
		case known:
		case isCommon(word):
			err = commonLine(word, rest, &f.Zone, &f.Range, &f.Filter, &f.Conversion)
		case word == "grain":
			f.Grain = query.Grain(rest)
		case word == "step":
			var step *query.Filter
			step, err = starFilter(rest)
			f.Steps = append(f.Steps, step)
		case word == "any" && rest == "order":
			f.AnyOrder = true
		case word == "window":
			f.Window, err = time.ParseDuration(rest)
		default:
			err = errors.New("unknown line")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return f, nil
}

func (f *funnel) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "grain %s\n%s", f.Grain, formatCommon(f.Zone, f.Range, f.Filter, f.Conversion))
	for _, s := range f.Steps {
		fmt.Fprintln(&b, "step", formatStar(s))
	}
	if f.AnyOrder {
		b.WriteString("any order\n")
	}
	if f.Window != 0 {
		fmt.Fprintln(&b, "window", f.Window)
	}
	b.WriteString(formatBy(f.Breakdown, f.Limit))
	return b.String()
}

func formatBy(breakdown []string, limit int) string {
	var b strings.Builder
	for i, name := range breakdown {
		b.WriteString([]string{"breakdown ", ", "}[min(i, 1)] + quoted(name))
	}
	if len(breakdown) > 0 {
		b.WriteByte('\n')
	}
	if limit != 0 {
		fmt.Fprintln(&b, "limit", limit)
	}
	return b.String()
}

func parseRetention(text string) (*retention, error) {
	q := &retention{query.Retention{Grain: query.Users, Period: query.Week, WeekStart: time.Monday, Periods: 3}}
	for _, line := range lines(text) {
		word, rest, _ := strings.Cut(line, " ")
		known, err := flowLine(word, rest, &q.WeekStart, &q.Breakdown, &q.Limit)
		switch {
		case known:
		case isCommon(word):
			err = commonLine(word, rest, &q.Zone, &q.Range, &q.Filter, &q.Conversion)
		case word == "grain":
			q.Grain = query.Grain(rest)
		case word == "period":
			q.Period = query.Period(rest)
		case word == "periods":
			q.Periods, err = strconv.Atoi(rest)
		case word == "first":
			q.First, err = starFilter(rest)
		case word == "return":
			q.Return, err = starFilter(rest)
		default:
			err = errors.New("unknown line")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return q, nil
}

func (q *retention) text() string {
	return fmt.Sprintf("grain %s\nperiod %s\nperiods %d\nweek_start %s\n%sfirst %s\nreturn %s\n%s", q.Grain, q.Period, q.Periods, weekdays[q.WeekStart],
		formatCommon(q.Zone, q.Range, q.Filter, q.Conversion), formatStar(q.First), formatStar(q.Return), formatBy(q.Breakdown, q.Limit))
}

func parsePaths(text string) (*paths, error) {
	p := &paths{query.Paths{Depth: 3, Limit: 5}}
	for _, line := range lines(text) {
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch {
		case isCommon(word):
			err = commonLine(word, rest, &p.Zone, &p.Range, &p.Filter, &p.Conversion)
		case word == "start":
			p.Start = rest
		case word == "end":
			p.End = rest
		case word == "converted":
			p.Converted = true
		case word == "depth":
			p.Depth, err = strconv.Atoi(rest)
		case word == "limit":
			p.Limit, err = strconv.Atoi(rest)
		case word == "step":
			var s query.PathStep
			var match string
			s.Kind, rest, _ = strings.Cut(rest, " ")
			s.Field, match, _ = strings.Cut(rest, " where ")
			s.Match, err = starFilter(match)
			p.Steps = append(p.Steps, s)
		default:
			err = errors.New("unknown line")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return p, nil
}

func (p *paths) text() string {
	var b strings.Builder
	b.WriteString(formatCommon(p.Zone, p.Range, p.Filter, p.Conversion))
	for _, x := range [][2]string{{"start", p.Start}, {"end", p.End}} {
		if x[1] != "" {
			fmt.Fprintln(&b, x[0], x[1])
		}
	}
	for _, s := range p.Steps {
		fmt.Fprintln(&b, "step", s.Kind, s.Field, "where", formatStar(s.Match))
	}
	if p.Converted {
		b.WriteString("converted\n")
	}
	fmt.Fprintf(&b, "depth %d\nlimit %d\n", p.Depth, p.Limit)
	return b.String()
}

// parseFlow reads the flow of a name.
func parseFlow(name, text string) (flow, error) {
	switch name {
	case "funnel":
		return parseFunnel(text)
	case "retention":
		return parseRetention(text)
	}
	return parsePaths(text)
}

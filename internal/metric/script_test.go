package metric_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
)

var update = flag.Bool("update", false, "write the answers of scripts; review them as code")

// engines are the event stores that every metric is asked of.
func engines() map[string]func(t *testing.T) eventstore.Store {
	return map[string]func(t *testing.T) eventstore.Store{
		"memstore": func(*testing.T) eventstore.Store { return memstore.New() },
		"duckstore": func(t *testing.T) eventstore.Store {
			s, err := duckstore.Open(t.Context(), duckstore.Config{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
}

// TestScripts runs the script of each metric: testdata/NAME.txtar. Its files are those of storetest.Script,
// and
//
//	metric  a question about the metric that the script is named after, a parameter of the HTTP API a
//	        line: "period day"; also "compare", "explicit", and "define NAME EVENT,…" for a conversion
//	want    lines of "total", "previous", a bucket's start, "<" and a start for the period before, or
//	        "=" and the keys of a group: then VALUE of N, and coverage; a group's buckets follow it
func TestScripts(t *testing.T) {
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			for _, m := range metric.All() {
				t.Run(m.Name, func(t *testing.T) {
					file := filepath.Join("testdata", m.Name+".txtar")
					archive, err := txtar.ParseFile(file)
					if err != nil {
						t.Fatal(err)
					}
					asked := 0
					script := storetest.Script{Asks: map[string]storetest.Ask{"metric": func(ctx context.Context, r eventstore.Reader, text string) (string, error) {
						asked++
						got, err := answer(ctx, r, m.Name, text)
						if *update && err == nil {
							fill(archive, text, got)
						}
						return got, err
					}}}
					store := open(t)
					defer store.Close()
					script.Run(t, store, archive)
					if asked == 0 {
						t.Error("the script asks nothing of its metric")
					}
					if *update {
						if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
							t.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// fill puts an answer behind its question.
func fill(a *txtar.Archive, question, got string) {
	for i, f := range a.Files {
		if string(f.Data) == question {
			a.Files[i+1].Data = []byte(got)
		}
	}
}

type definitions []insight.Conversion

func (d definitions) Conversions(context.Context) ([]insight.Conversion, error) { return d, nil }

func answer(ctx context.Context, r eventstore.Reader, name, text string) (string, error) {
	q := insight.Question{Metric: name, Scope: insight.Scope{WeekStart: time.Monday}}
	var defs definitions
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" {
			continue
		}
		if word == "define" {
			name, events, _ := strings.Cut(rest, " ")
			defs = append(defs, insight.Conversion{Name: name, Events: strings.Split(events, ",")})
			continue
		}
		if err := parameter(&q, word, rest); err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
	}
	in := insight.Insight{Store: r, Conversions: defs}
	a, err := in.Ask(ctx, q)
	if err != nil {
		return "", err
	}
	return format(a), nil
}

func parameter(q *insight.Question, word, rest string) error {
	var err error
	switch word {
	case "stat":
		q.Stat = metric.Stat(rest)
	case "period":
		q.Period = query.Period(rest)
	case "zone":
		q.Zone = rest
	case "from":
		q.Range.From, err = time.Parse(time.DateOnly, rest)
	case "until":
		q.Range.Until, err = time.Parse(time.DateOnly, rest)
	case "filter", "where":
		var c query.Condition
		if c, err = query.ParseCondition(rest); word == "filter" {
			q.Filter = append(q.Filter, c)
		} else {
			q.Where = append(q.Where, c)
		}
	case "breakdown":
		q.Breakdown = strings.Split(rest, ",")
	case "limit":
		q.Limit, err = strconv.Atoi(rest)
	case "compare":
		q.Compare = true
	case "conversion":
		q.Conversion = rest
	case "explicit":
		q.Explicit = true
	default:
		err = fmt.Errorf("unknown parameter %q", word)
	}
	return err
}

func format(a *insight.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "total %s\n", figure(a.Total.Value, a.Total.N, a.Total.Coverage))
	if p := a.Previous; p != nil {
		fmt.Fprintf(&b, "previous %s change %s\n", figure(p.Total.Value, p.Total.N, p.Total.Coverage), number(p.Change))
	}
	points := func(before string, ps []insight.Point) {
		for _, p := range ps {
			fmt.Fprintf(&b, "%s%s %s\n", before, start(p.Start), figure(p.Value, p.N, p.Coverage))
		}
	}
	points("", a.Series)
	points("< ", a.PreviousSeries)
	for _, g := range a.Groups {
		b.WriteString("=")
		for _, k := range g.Keys {
			if k == nil {
				b.WriteString(" -")
			} else {
				b.WriteString(" " + *k)
			}
		}
		fmt.Fprintf(&b, " %s", figure(g.Value, g.N, g.Coverage))
		if a.Previous != nil {
			b.WriteString(" before " + number(g.PreviousValue))
		}
		b.WriteString("\n")
		points("= ", g.Series)
	}
	return b.String()
}

// start leaves out what is midnight.
func start(t time.Time) string {
	return strings.TrimSuffix(t.Format("2006-01-02T15:04"), "T00:00")
}

func figure(value *float64, n int64, coverage *float64) string {
	s := fmt.Sprintf("%s of %d", number(value), n)
	if coverage != nil {
		s += " coverage " + number(coverage)
	}
	return s
}

func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'g', 10, 64)
}

package metric

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/query"
)

func TestCatalogueIsValid(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range All() {
		if err := m.Validate(); err != nil {
			t.Errorf("%v", err)
		}
		if seen[m.Name] {
			t.Errorf("two metrics are called %s", m.Name)
		}
		seen[m.Name] = true
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(m.Name) {
			t.Errorf("metric %q: names are snake_case", m.Name)
		}
	}
}

func TestEveryMetricHasItsFileAndScript(t *testing.T) {
	for _, m := range All() {
		for _, file := range []string{m.Name + ".go", filepath.Join("testdata", m.Name+".txtar")} {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("metric %s: %v", m.Name, err)
			}
		}
	}
}

// A metric that is written but not named in All would never be asked.
func TestEveryScriptHasItsMetric(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, file := range scripts {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if _, ok := Find(name); !ok {
			t.Errorf("%s is about no metric; name %s in All", file, name)
		}
	}
}

func TestFigureReadsRows(t *testing.T) {
	num := func(n float64) query.Value { return query.Value{Num: n, OK: true} }
	none := query.Value{}
	f := func(name string, stat Stat, values []query.Value, want Figure) {
		t.Helper()
		m, ok := Find(name)
		if !ok {
			t.Fatalf("no metric %s", name)
		}
		p, err := m.Plan(stat)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Figure(values); !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s of %v: got %+v, want %+v", name, stat, values, got, want)
		}
	}
	f("conversations", "", []query.Value{num(3)}, Figure{Value: new(3.0), N: 3})
	f("conversations", "", nil, Figure{Value: new(0.0)})
	f("duration", "", []query.Value{num(2), num(1500)}, Figure{Value: new(1500.0), N: 2})
	f("duration", Sum, []query.Value{num(3000), num(2)}, Figure{Value: new(3000.0), N: 2})
	f("duration", "", nil, Figure{})
	f("conversion_rate", "", []query.Value{num(4), num(1)}, Figure{Value: new(0.25), N: 4})
	f("conversion_rate", "", []query.Value{num(0), num(0)}, Figure{})
	f("satisfaction", "", []query.Value{num(1), num(0.5), num(4)}, Figure{Value: new(0.5), N: 1, Coverage: new(0.25)})
	f("satisfaction", "", []query.Value{num(0), none, num(4)}, Figure{Coverage: new(0.0)})
	f("rating", "", []query.Value{num(2), num(0.5), num(1), num(1), num(5), num(5)}, Figure{Value: new(3.0), N: 2})
	f("rating", "", []query.Value{num(2), num(0.5), num(0), num(1), num(1), num(5)}, Figure{N: 2})
}

func TestChooseRefusesStatisticsThatAMetricLacks(t *testing.T) {
	f := func(name string, stat, want Stat, ok bool) {
		t.Helper()
		m, _ := Find(name)
		got, err := m.Choose(stat)
		if got != want || (err == nil) != ok {
			t.Errorf("%s %q: got %q, %v", name, stat, got, err)
		}
	}
	f("duration", "", Median, true)
	f("duration", P90, P90, true)
	f("duration", "p50", "", false)
	f("conversations", "", "", true)
	f("conversations", Mean, "", false)
}

package price

import (
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

const sample = `
prices:
  - {model: m, input: 10, output: 40, from: 2025-01-01}
  - {model: m, input: 2, output: 8, cache_read: 0.5, cache_write: 2.5, from: 2025-06-10}
  - {model: m, provider: azure, input: 3, output: 9}
  - {model: m-mini, input: 1, output: 4, reasoning: 6}
  - {model: m-mini-2025-02-02, input: 5, output: 5}
`

func parse(t *testing.T, text string) *Table {
	t.Helper()
	table, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestCostOfDisjointParts(t *testing.T) {
	table := parse(t, sample)
	f := func(model string, n Tokens, want float64) {
		t.Helper()
		if got, ok := table.Cost(model, "", day("2025-07-01"), n); !ok || got != want {
			t.Errorf("%s %+v: got %v, %v; want %v", model, n, got, ok, want)
		}
	}
	f("m", Tokens{Input: 1_000_000, Output: 500_000}, 2+4)
	// 700 uncached at 2, 200 read at 0.5, 100 written at 2.5, 50 out at 8: 1400+100+250+400 millionths
	f("m", Tokens{Input: 1000, CacheRead: 200, CacheWrite: 100, Output: 50, Reasoning: 10}, 0.00215)
	// no price for caches: as input; 30 of 50 out are reasoning at 6, 20 at 4: 1000+180+80
	f("m-mini", Tokens{Input: 1000, CacheRead: 200, Output: 50, Reasoning: 30}, 0.00126)
	// parts beyond the whole are cut: 10 read at 0.5
	f("m", Tokens{Input: 10, CacheRead: 99, CacheWrite: 99, Output: -5}, 0.000005)
	f("m", Tokens{}, 0)
	f("m-mini", Tokens{Input: 1}, 0.000001)
}

func TestCostIsRounded(t *testing.T) {
	table := parse(t, `prices: [{model: m, input: 0.0333333, output: 0}]`)
	if got, _ := table.Cost("m", "", day("2025-07-01"), Tokens{Input: 1}); got != 0.000000033 {
		t.Errorf("got %v, want 3.3e-08", got)
	}
}

func TestPriceByModelProviderAndDate(t *testing.T) {
	table := parse(t, sample)
	f := func(model, provider, at string, want float64) { // of a million tokens in
		t.Helper()
		got, ok := table.Cost(model, provider, day(at), Tokens{Input: 1_000_000})
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s of %q at %s: got %v, %v; want %v", model, provider, at, got, ok, want)
		}
	}
	const none = -1
	f("m", "openai", "2025-06-09", 10)
	f("m", "openai", "2025-06-10", 2)
	f("m", "openai", "2024-12-31", none)
	f("m", "Azure", "2024-12-31", 3)
	f("m", "azure", "2026-01-01", 3)
	f("m", "", "2026-01-01", 2)
	f(" M ", "", "2026-01-01", 2)
	for _, dated := range []string{"-2026-01-01", "-20260101", "@20260101", "-latest", "-0613", "-002", "-preview-05-20", "-preview-09-2025", "-0125-preview", "-20241022-v2:0", "-v1:0"} {
		f("m-mini"+dated, "", "2026-01-01", 1)
	}
	f("m-mini-2025-02-02", "", "2026-01-01", 5)
	f("m-nano", "", "2026-01-01", none) // another model
	f("m-4", "", "2026-01-01", none)
	f("m-4-5", "", "2026-01-01", none)
	f("m-minim", "", "2026-01-01", none)
	f("", "", "2026-01-01", none)
	f("openai/m-mini", "", "2026-01-01", 1)
	f("us.anthropic.m-mini-20241022-v2:0", "", "2026-01-01", 1)
}

func TestDefaultPrices(t *testing.T) {
	table := Default()
	if n := len(table.Prices()); n < 80 {
		t.Errorf("%d prices; the table has lost its lines", n)
	}
	f := func(model, at string, n Tokens, want float64) {
		t.Helper()
		if got, ok := table.Cost(model, "", day(at), n); !ok || got != want {
			t.Errorf("%s: got %v, %v; want %v", model, got, ok, want)
		}
	}
	// 13 at 0.25, 8 cached at 0.025, 11 out at 2: 3.25+0.2+22 millionths
	f("gpt-5-mini-2026-01-01", "2026-03-01", Tokens{Input: 21, CacheRead: 8, Output: 11}, 0.00002545)
	f("claude-opus-4-5-20251101", "2026-03-01", Tokens{Input: 1000, CacheRead: 500, CacheWrite: 100, Output: 100}, 0.005375)
	f("claude-opus-4-20250514", "2026-03-01", Tokens{Input: 1000}, 0.015)
	f("gpt-4o-2024-08-06", "2024-09-01", Tokens{Input: 1000}, 0.0025)
	f("gpt-4-0125-preview", "2025-01-01", Tokens{Input: 1000}, 0.01)
	f("o3-2025-04-16", "2025-06-09", Tokens{Input: 1000}, 0.01)
	f("o3-2025-04-16", "2025-06-10", Tokens{Input: 1000}, 0.002)
	f("models/gemini-2.5-flash-preview-09-2025", "2025-10-01", Tokens{Input: 1000}, 0.0003)
	f("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "2025-10-01", Tokens{Input: 1000}, 0.003)
	for _, p := range table.Prices() {
		if p.From.IsZero() {
			t.Errorf("%s has no date", p.Model)
		}
		if p.CacheRead != nil && *p.CacheRead > p.Input || p.Output > 0 && p.Output < p.Input {
			t.Errorf("%s: reading a cache costs %v, input %v, output %v", p.Model, *p.CacheRead, p.Input, p.Output)
		}
	}
}

func TestParseReadsJSON(t *testing.T) {
	table := parse(t, `{"prices":[{"model":"m","from":"2025-01-01","input":1,"output":2,"source":"contract 7"}]}`)
	if got, ok := table.Cost("m", "", day("2025-01-01"), Tokens{Input: 1e6, Output: 1e6}); !ok || got != 3 {
		t.Errorf("got %v, %v; want 3", got, ok)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	f(`prices: [{input: 1, output: 1}]`, "price 1 (): model is missing")
	f(`prices: [{model: m, input: 1}]`, "input or output is missing")
	f(`prices: [{model: m, input: -1, output: 1}]`, "-1 is no price")
	f(`prices: [{model: m, input: .nan, output: 1}]`, "is no price")
	f(`prices: [{model: m, input: 1, output: 1, from: soon}]`, `from "soon" is no date`)
	f(`prices: [{model: m, input: 1, output: 1, ouput: 1}]`, "ouput")
	f("prices: [{model: m, input: 1, output: 1}, {model: M, input: 2, output: 1}]", "price 2 (M): there is another")
	f(`prices: 7`, "parse prices")
	for _, empty := range []string{"", " \n", "prices: []"} {
		if table, err := Parse([]byte(empty)); err != nil || len(table.Prices()) > 0 {
			t.Errorf("%q: got %v, %v", empty, table, err)
		}
	}
}

func TestOverReplacesWholeModels(t *testing.T) {
	table := parse(t, `prices: [{model: m, from: 2025-06-01, input: 7, output: 7}]`).Over(parse(t, sample))
	if _, ok := table.Cost("m", "", day("2025-01-02"), Tokens{}); ok {
		t.Error("an older price of the base holds for a model that was replaced")
	}
	if got, ok := table.Cost("m-mini", "", day("2025-07-01"), Tokens{Input: 1e6}); !ok || got != 1 {
		t.Errorf("got %v, %v; want the base's 1", got, ok)
	}
	var none *Table
	if _, ok := none.Cost("m", "", day("2025-07-01"), Tokens{}); ok {
		t.Error("no table has a price")
	}
}

func TestApply(t *testing.T) {
	table := parse(t, sample)
	row := func(edit func(*event.Event)) *event.Event {
		e := &event.Event{Kind: event.KindGeneration, CountsUsage: true, RequestModel: "m-mini", InputTokens: new(int64(1000)), OccurredAt: day("2025-07-01")}
		edit(e)
		return e
	}
	f := func(want float64, source string, edit func(*event.Event)) {
		t.Helper()
		e := row(edit)
		for range 2 {
			table.Apply(e)
			got := -1.0
			if e.CostUSD != nil {
				got = *e.CostUSD
			}
			if got != want || e.CostSource != source {
				t.Errorf("got %v %q, want %v %q", got, e.CostSource, want, source)
			}
		}
	}
	const none = -1
	f(0.001, "computed", func(*event.Event) {})
	f(0.002, "computed", func(e *event.Event) { e.ResponseModel = "m-2025-01-01" })
	f(0.001, "computed", func(e *event.Event) { e.ResponseModel = "unheard-of" })
	f(9, "reported", func(e *event.Event) { e.CostUSD, e.CostSource = new(9.0), "reported" })
	f(9, "", func(e *event.Event) { e.CostUSD = new(9.0) })
	f(none, "", func(e *event.Event) { e.InputTokens = nil })
	f(none, "", func(e *event.Event) { e.RequestModel = "unheard-of" })
	// a call that no longer counts, since another row does
	f(none, "", func(e *event.Event) { e.CountsUsage, e.CostUSD, e.CostSource = false, new(9.0), "computed" })
	f(none, "", func(e *event.Event) { e.Kind = event.KindTool })
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Parse(data)
		if err != nil {
			return
		}
		for _, p := range table.Prices() {
			usd, ok := table.Cost(p.Model, p.Provider, p.From, Tokens{Input: 10, Output: 10, CacheRead: 5, Reasoning: 2})
			if !ok || usd < 0 {
				t.Errorf("%+v costs %v, %v", p, usd, ok)
			}
		}
	})
}

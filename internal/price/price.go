// Package price says what a model call cost, from a dated table of list prices. The table comes with the
// program ([Default]); operators override it with a file of the same form (docs/prices.md).
//
// It is pure: no clock, no I/O. Costs that clients report are never replaced.
package price

import (
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Table holds prices. It never changes once made, and may be used by any number of goroutines. The nil
// Table has no prices.
type Table struct {
	models map[string][]Price // by lower-case name, the newest first
}

// Price is what a model costs, in US dollars for a million tokens.
type Price struct {
	Model    string
	Provider string    // of calls that it holds for; empty: all
	From     time.Time // it holds from then on, until the next one of the model; zero: always
	Input    float64   // of input that is not cached
	Output   float64
	// CacheRead and CacheWrite are of input read from and written to a cache; nil: as Input.
	CacheRead, CacheWrite *float64
	// Reasoning is of reasoning tokens; nil: as Output.
	Reasoning *float64
}

// Tokens is what a call used.
type Tokens struct {
	Input      int64 // with CacheRead and CacheWrite
	Output     int64 // with Reasoning
	CacheRead  int64
	CacheWrite int64
	Reasoning  int64
}

// Cost returns the cost of a call in US dollars, rounded to 1e-9; false if the table has no price for the
// model at that time. A dated name that is not in the table is priced as the name without its date:
// gpt-5-mini-2026-01-01 as gpt-5-mini. Prices of the call's provider go before those of all; with
// provider "" the newest of any provider holds.
func (t *Table) Cost(model, provider string, at time.Time, tokens Tokens) (usd float64, ok bool) {
	p, ok := t.find(model, provider, at)
	if !ok {
		return 0, false
	}
	return p.of(tokens), true
}

// Apply sets the computed cost of a row that counts usage, has tokens and reports no cost, by its response
// model, else its request model. It takes a computed cost from any other row. Applying twice is the same
// as applying once.
func (t *Table) Apply(e *event.Event) {
	if e.CostSource != "computed" && e.CostUSD != nil {
		return
	}
	e.CostUSD = nil
	if e.CostSource == "computed" {
		e.CostSource = ""
	}
	if e.Kind != event.KindGeneration || !e.CountsUsage || e.InputTokens == nil && e.OutputTokens == nil {
		return
	}
	tokens := Tokens{value(e.InputTokens), value(e.OutputTokens), value(e.CacheReadTokens), value(e.CacheWriteTokens), value(e.ReasoningTokens)}
	for _, model := range []string{e.ResponseModel, e.RequestModel} {
		if usd, ok := t.Cost(model, e.Provider, e.OccurredAt, tokens); ok {
			e.CostUSD, e.CostSource = &usd, "computed"
			return
		}
	}
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// of prices the disjoint parts of the tokens. Parts that exceed the whole are cut to it.
func (p *Price) of(n Tokens) float64 {
	input, output := max(n.Input, 0), max(n.Output, 0)
	read := min(max(n.CacheRead, 0), input)
	write := min(max(n.CacheWrite, 0), input-read)
	reasoning := min(max(n.Reasoning, 0), output)
	usd := float64(input-read-write)*p.Input + float64(read)*or(p.CacheRead, p.Input) + float64(write)*or(p.CacheWrite, p.Input) +
		float64(output-reasoning)*p.Output + float64(reasoning)*or(p.Reasoning, p.Output)
	return math.Round(usd*1e3) / 1e9
}

func or(price *float64, otherwise float64) float64 {
	if price == nil {
		return otherwise
	}
	return *price
}

// find looks a model up under its name, and under the name without the path or the vendor that resellers
// put before it; each as it is, then without its date.
func (t *Table) find(model, provider string, at time.Time) (Price, bool) {
	if t == nil {
		return Price{}, false
	}
	name := strings.ToLower(strings.TrimSpace(model))
	for _, name := range []string{name, afterSlash(name), afterVendor(afterSlash(name))} {
		if p, ok := pick(t.models[name], provider, at); ok {
			return p, true
		}
		for i := len(name) - 1; i > 0; i-- {
			if strings.IndexByte("-@:", name[i]) < 0 || !dated.MatchString(name[i:]) {
				continue
			}
			if p, ok := pick(t.models[name[:i]], provider, at); ok {
				return p, true
			}
		}
	}
	return Price{}, false
}

// dated matches what follows the name of a model that is one version of it: a date in any of the forms that
// makers use, a revision of three digits, or latest. A single digit is another model: claude-opus-4-5 is
// no claude-opus-4.
var dated = regexp.MustCompile(`^[-@:](?:` +
	`(?:(?:preview|exp)-)?(?:20\d\d-\d\d-\d\d|20\d{6}|\d\d-20\d\d|\d{4}|\d{3})(?:-preview)?|` +
	`(?:preview|exp)-\d\d-\d\d|latest|default|preview|exp)?(?:-?v\d+(?::\d+)?)?$`)

// afterSlash cuts models/ and the names of providers: openai/gpt-5.
func afterSlash(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// afterVendor cuts Bedrock's vendors and regions: us.anthropic.claude-opus-4-5.
func afterVendor(name string) string {
	for _, vendor := range []string{"anthropic.", "amazon.", "mistral.", "cohere.", "deepseek.", "openai."} {
		if i := strings.Index(name, vendor); i == 0 || i > 0 && name[i-1] == '.' {
			return name[i+len(vendor):]
		}
	}
	return name
}

// pick returns the price that holds at a time: of the provider, else of all. Prices are newest first.
func pick(prices []Price, provider string, at time.Time) (Price, bool) {
	var found Price
	ok := false
	for _, p := range prices {
		if p.From.After(at) {
			continue
		}
		switch {
		case p.Provider != "" && strings.EqualFold(p.Provider, provider):
			return p, true
		case !ok && (p.Provider == "" || provider == ""):
			found, ok = p, true
		}
	}
	return found, ok
}

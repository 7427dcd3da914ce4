package price

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed prices.yaml
var defaults []byte

// Default returns the table that comes with the program.
func Default() *Table {
	t, err := Parse(defaults)
	if err != nil {
		panic(fmt.Sprintf("BUG: embedded prices: %v", err))
	}
	return t
}

// file is the form of a table in YAML or JSON.
type file struct {
	Prices []line `yaml:"prices"`
}

type line struct {
	Model      string   `yaml:"model"`
	Provider   string   `yaml:"provider"`
	From       string   `yaml:"from"`
	Input      *float64 `yaml:"input"`
	Output     *float64 `yaml:"output"`
	CacheRead  *float64 `yaml:"cache_read"`
	CacheWrite *float64 `yaml:"cache_write"`
	Reasoning  *float64 `yaml:"reasoning"`
	Source     string   `yaml:"source"` // for readers of the file
}

// Parse reads a table in YAML or JSON (docs/prices.md). It reports every line that is wrong. No data is
// a table without prices.
func Parse(data []byte) (*Table, error) {
	var f file
	if len(bytes.TrimSpace(data)) > 0 {
		if err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("parse prices: %w", err)
		}
	}
	t := &Table{models: map[string][]Price{}}
	var faults []error
	for i, l := range f.Prices {
		p, err := l.price()
		if err == nil {
			err = t.add(p)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("price %d (%s): %w", i+1, l.Model, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("parse prices: %w", err)
	}
	return t, nil
}

func (l line) price() (Price, error) {
	p := Price{Model: strings.ToLower(strings.TrimSpace(l.Model)), Provider: l.Provider, CacheRead: l.CacheRead, CacheWrite: l.CacheWrite, Reasoning: l.Reasoning}
	if p.Model == "" {
		return p, errors.New("model is missing")
	}
	if l.Input == nil || l.Output == nil {
		return p, errors.New("input or output is missing; write 0 for what is free")
	}
	p.Input, p.Output = *l.Input, *l.Output
	for _, v := range []*float64{l.Input, l.Output, l.CacheRead, l.CacheWrite, l.Reasoning} {
		if v != nil && !(*v >= 0 && *v <= math.MaxFloat32) {
			return p, fmt.Errorf("%v is no price", *v)
		}
	}
	if l.From != "" {
		from, err := time.Parse(time.DateOnly, l.From)
		if err != nil {
			return p, fmt.Errorf("from %q is no date; write 2026-01-31", l.From)
		}
		p.From = from
	}
	return p, nil
}

// add keeps the prices of a model newest first.
func (t *Table) add(p Price) error {
	list := t.models[p.Model]
	i := 0
	for i < len(list) && list[i].From.After(p.From) {
		i++
	}
	for _, other := range list {
		if other.From.Equal(p.From) && strings.EqualFold(other.Provider, p.Provider) {
			return errors.New("there is another price of the same model, provider and date")
		}
	}
	t.models[p.Model] = slices.Insert(list, i, p)
	return nil
}

// Over returns a table with the prices of t, and those of base for the models that t does not name.
func (t *Table) Over(base *Table) *Table {
	out := &Table{models: map[string][]Price{}}
	for _, from := range []*Table{base, t} {
		if from != nil {
			maps.Copy(out.models, from.models)
		}
	}
	return out
}

// Prices returns every price, by model and date, for people to read.
func (t *Table) Prices() []Price {
	var out []Price
	for _, model := range slices.Sorted(maps.Keys(t.models)) {
		for _, p := range slices.Backward(t.models[model]) {
			out = append(out, p)
		}
	}
	return out
}

package insight

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
)

// Experiment compares variants that clients chose and said: a field of conversations or of their events, or a
// property, whose value is the variant.
type Experiment struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Field       string    `json:"field"`    // "properties.prompt_version", "model"
	Variants    []Variant `json:"variants"` // the first is the control; 2 to MaxVariants
	// Unit is what was given a variant: conversation or person. Units that have several are left out.
	Unit string `json:"unit"`
	// Primary decides; a guardrail must not get worse. Both are shares of or means over conversations, see
	// Insight.Effects.
	Primary    string      `json:"primary"`
	Guardrails []Guardrail `json:"guardrails"`
	Conversion string      `json:"conversion"` // definition that conversion fields follow; "" is any
	Filter     []string    `json:"filter"`     // conditions on conversations, as [query.ParseCondition] reads them
	From       time.Time   `json:"from,omitzero"`
	Until      time.Time   `json:"until,omitzero"`
}

// Variant is one value of the field and its share of the units, relative to the others.
type Variant struct {
	Value  string  `json:"value"`
	Weight float64 `json:"weight"` // 0 is 1
}

// Guardrail is a metric that must not get worse than that of the control by more than Tolerance, in the metric's
// unit.
type Guardrail struct {
	Metric    string  `json:"metric"`
	Tolerance float64 `json:"tolerance"`
}

// Units of an experiment.
const (
	UnitConversation = "conversation"
	UnitPerson       = "person"
)

// Bounds of an experiment.
const (
	MaxVariants   = 10
	MaxGuardrails = 10
	maxFilters    = 20
)

// Complete fills in what a definition may leave out.
func (e *Experiment) Complete() {
	if e.Unit == "" {
		e.Unit = UnitConversation
	}
	for i := range e.Variants {
		if e.Variants[i].Weight == 0 {
			e.Variants[i].Weight = 1
		}
	}
	e.Guardrails = append([]Guardrail{}, e.Guardrails...)
	e.Filter = append([]string{}, e.Filter...)
}

// Validate reports all that is wrong with a complete definition.
func (e *Experiment) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(e.Name) == "" {
		add("name is empty")
	}
	if _, err := query.Resolve(query.Conversations, e.Field); err != nil {
		add("field: %w", err)
	}
	if n := len(e.Variants); n < 2 || n > MaxVariants {
		add("%d variants; an experiment has 2 to %d", n, MaxVariants)
	}
	for i, v := range e.Variants {
		if v.Value == "" || slices.ContainsFunc(e.Variants[:i], func(o Variant) bool { return o.Value == v.Value }) {
			add("variant %q is empty or named twice", v.Value)
		}
		if v.Weight <= 0 || v.Weight > 1e6 {
			add("weight %v of variant %q; it is above 0", v.Weight, v.Value)
		}
	}
	if e.Unit != UnitConversation && e.Unit != UnitPerson {
		add("unit %q; it is conversation or person", e.Unit)
	}
	if len(e.Guardrails) > MaxGuardrails {
		add("%d guardrails; at most %d", len(e.Guardrails), MaxGuardrails)
	}
	for _, g := range e.Guardrails {
		if g.Tolerance < 0 {
			add("guardrail %s: tolerance %v is below 0", g.Metric, g.Tolerance)
		}
		errs = append(errs, decides("guardrail", g.Metric))
	}
	errs = append(errs, decides("primary", e.Primary))
	if len(e.Filter) > maxFilters {
		add("%d conditions; at most %d", len(e.Filter), maxFilters)
	}
	if _, err := e.conditions(); err != nil {
		errs = append(errs, err)
	}
	if !e.From.IsZero() && !e.Until.IsZero() && !e.From.Before(e.Until) {
		add("it ends before it starts")
	}
	return errors.Join(errs...)
}

func (e *Experiment) conditions() ([]query.Condition, error) {
	var out []query.Condition
	for _, f := range e.Filter {
		c, err := query.ParseCondition(f)
		if err == nil {
			_, err = c.At(query.Conversations)
		}
		if err != nil {
			return nil, fmt.Errorf("filter %q: %w", f, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// decides reports what keeps a metric from deciding an experiment.
func decides(what, name string) error {
	m, ok := metric.Find(metricOf(name))
	if !ok {
		return fmt.Errorf("%s: no metric is called %q", what, name)
	}
	c := compared{}
	if err := c.read(&m); err != nil {
		return fmt.Errorf("%s %s: %w", what, name, err)
	}
	switch {
	case m.Grain != query.Conversations || c.kind == isCount:
		return fmt.Errorf("%s %s is no share of or mean over conversations", what, name)
	case m.Better == metric.Neither:
		return fmt.Errorf("%s %s has no better direction", what, name)
	}
	return nil
}

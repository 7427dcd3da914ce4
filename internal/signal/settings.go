package signal

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Settings are what people changed, by the name of the signal. Nil changes nothing.
type Settings map[string]Setting

// Setting is what people changed of a signal. The zero value changes nothing.
type Setting struct {
	// Off leaves the signal out.
	Off bool `json:"off,omitempty"`
	// Weight goes before the usual weight, and before what events say themselves; -1..1.
	Weight *float64 `json:"weight,omitempty"`
	// Thresholds go before the defaults, by name.
	Thresholds map[string]float64 `json:"thresholds,omitempty"`
}

// Validate reports all that is wrong with the settings of a signal, for the person who sent them.
func (d *Definition) Validate(s Setting) error {
	var errs []error
	if s.Weight != nil && !(*s.Weight >= -1 && *s.Weight <= 1) {
		errs = append(errs, fmt.Errorf("weight is from -1 to 1, not %v", *s.Weight))
	}
	if s.Weight != nil && d.FixedWeight() {
		errs = append(errs, fmt.Errorf("the weight of %s is what was rated; it cannot be changed", d.Name))
	}
	for name, v := range s.Thresholds {
		i := slices.IndexFunc(d.Thresholds, func(t Threshold) bool { return t.Name == name })
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("%s has no threshold %q", d.Name, name))
		case math.IsNaN(v) || v < d.Thresholds[i].Min || v > d.Thresholds[i].Max:
			errs = append(errs, fmt.Errorf("threshold %s is from %v to %v, not %v", name, d.Thresholds[i].Min, d.Thresholds[i].Max, v))
		}
	}
	return errors.Join(errs...)
}

// FixedWeight holds for ratings, whose weight is what was rated.
func (d *Definition) FixedWeight() bool { return d.Name == "rating" || d.Name == "thumbs" }

package metric

import (
	"fmt"
	"reflect"
)

// Catalogue has one method for each metric, which returns it; see [All]. Methods instead of a list, so
// that adding a metric touches its own file alone.
type Catalogue struct{}

// All returns every metric, by name. The caller owns the slice.
func All() []Metric {
	v := reflect.ValueOf(Catalogue{})
	out := make([]Metric, v.NumMethod())
	for i := range out {
		define, ok := v.Method(i).Interface().(func() Metric)
		if !ok {
			panic(fmt.Sprintf("BUG: method %s of the catalogue defines no metric", v.Type().Method(i).Name))
		}
		out[i] = define()
	}
	return out
}

// Find returns the metric of that name.
func Find(name string) (Metric, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

package memstore

import (
	"reflect"

	"github.com/debrief-dev/debrief/internal/event"
)

// clone copies an event and all that it points to, so that neither writer nor reader shares memory
// with the store.
func clone(e *event.Event) *event.Event {
	out := *e
	v := reflect.ValueOf(&out).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Kind() {
		case reflect.Pointer:
			if !f.IsNil() {
				p := reflect.New(f.Type().Elem())
				p.Elem().Set(f.Elem())
				f.Set(p)
			}
		case reflect.Slice:
			f.Set(reflect.AppendSlice(reflect.Zero(f.Type()), f))
		}
	}
	return &out
}

package storetest

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// fieldText is the field with a JSON name, of an event or a conversation, as text: "" where absent,
// times in Unix microseconds, numbers as strconv writes them shortest.
func fieldText(of any, name string) string {
	for f, v := range reflect.ValueOf(of).Fields() {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != name {
			continue
		}
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ""
			}
			v = v.Elem()
		}
		switch x := v.Interface().(type) {
		case time.Time:
			if x.IsZero() {
				return ""
			}
			return strconv.FormatInt(x.UnixMicro(), 10)
		case bool:
			return strconv.FormatBool(x)
		}
		switch v.Kind() {
		case reflect.Int64:
			return strconv.FormatFloat(float64(v.Int()), 'g', -1, 64)
		case reflect.Float64:
			return strconv.FormatFloat(v.Float(), 'g', -1, 64)
		case reflect.String:
			return v.String()
		}
	}
	return ""
}

// sortText is what the cursor of a list sorted by a field holds of an event.
func sortText(e *event.Event, name string) string { return fieldText(*e, name) }

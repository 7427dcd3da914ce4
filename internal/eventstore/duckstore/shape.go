package duckstore

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/debrief-dev/debrief/internal/event"
)

// home is the place where a field of the event is stored. DuckDB's cost of a write is paid for each
// column, present or not, so the canonical event's hundred fields are not a hundred columns: ADR 0003
// has the figures.
type home int

const (
	// inRow: a column of its own.
	inRow home = iota
	// inForm: part of the event's form, what kind of event it is. The same few hundred combinations
	// repeat, so each is stored once in table forms and rows carry its number.
	inForm
	// inPlace: the same for where it came from, in table places.
	inPlace
	// inRare: a member of one JSON object, column rare, because few rows have it.
	inRare
	// apart: not in the row at all (raw files).
	apart
)

// Fields that are columns of their own: what differs from row to row. Their order is the order of the
// columns in the table; see schema.go.
var rowFields = []string{
	"id", "occurred_at", "original_at", "sent_at", "received_at", "request_seq", "batch_index",
	"user_id", "anonymous_id", "session_id", "conversation_id", "message_id",
	"body", "body_chars", "score", "properties", "trace_id",
}

// Fields of a form: values come from small vocabularies.
var formFields = []string{
	"revision", "source_event", "source_subtype", "inferred", "violations", "kind", "action", "actor",
	"role", "role_raw", "reason", "artifact_type", "artifact_subtype", "method", "setting", "category",
	"surface", "context_type", "success", "operation", "counts_usage", "provider", "request_model",
	"response_model", "finish_reason", "cost_source", "streamed", "error_type", "tool_name", "tool_type",
	"tool_ok", "permission_type", "permission_answer", "feedback_name", "rater", "scope",
	"rating_scale_raw", "rating_min", "rating_max", "label", "conversion_name", "currency",
	"product_event", "signal_dimension",
}

// Fields of a place.
var placeFields = []string{
	"workspace", "source", "vocabulary", "agent_id", "agent_name", "agent_version", "mode", "channel", "locale",
}

// holds is how a field is represented in Go.
type holds int

const (
	aString holds = iota
	aStringPtr
	anInt
	anIntPtr
	aFloatPtr
	aBool
	aBoolPtr
	aTime
	someJSON // json.RawMessage
	aList    // []string, []event.Repair: as JSON
)

// field is one field of event.Event: where it is in the struct, and where it is stored.
type field struct {
	name   string
	offset uintptr
	holds  holds
	home   home
	typ    reflect.Type
}

// shape is how events are laid out, derived once from the struct. A field that the model gains later is
// rare until somebody gives it another home, so that files need no new column.
type shape struct {
	fields []field
	byName map[string]*field
	form   []*field // in the order of formFields
	place  []*field
	rare   []*field
}

func newShape() *shape {
	s := &shape{byName: map[string]*field{}}
	t := reflect.TypeFor[event.Event]()
	s.fields = make([]field, t.NumField())
	for i := range s.fields {
		sf := t.Field(i)
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		f := field{name: name, offset: sf.Offset, holds: holdsOf(sf.Type), home: homeOf(name), typ: sf.Type}
		s.fields[i] = f
		s.byName[name] = &s.fields[i]
		if f.home == inRare {
			s.rare = append(s.rare, &s.fields[i])
		}
	}
	for _, name := range formFields {
		s.form = append(s.form, s.byName[name])
	}
	for _, name := range placeFields {
		s.place = append(s.place, s.byName[name])
	}
	return s
}

func homeOf(name string) home {
	switch {
	case name == "raw":
		return apart
	case slices.Contains(rowFields, name):
		return inRow
	case slices.Contains(formFields, name):
		return inForm
	case slices.Contains(placeFields, name):
		return inPlace
	}
	return inRare
}

func holdsOf(t reflect.Type) holds {
	switch t {
	case reflect.TypeFor[time.Time]():
		return aTime
	case reflect.TypeFor[json.RawMessage]():
		return someJSON
	}
	switch t.Kind() {
	case reflect.String:
		return aString
	case reflect.Int64:
		return anInt
	case reflect.Bool:
		return aBool
	case reflect.Slice:
		return aList
	case reflect.Pointer:
		switch t.Elem().Kind() {
		case reflect.String:
			return aStringPtr
		case reflect.Int64:
			return anIntPtr
		case reflect.Float64:
			return aFloatPtr
		case reflect.Bool:
			return aBoolPtr
		}
	}
	panic("BUG: event field of type " + t.String() + " cannot be stored")
}

// sqlType is the type of the field's column.
func (f *field) sqlType() string {
	switch f.holds {
	case anInt, anIntPtr:
		return "BIGINT"
	case aFloatPtr:
		return "DOUBLE"
	case aBool, aBoolPtr:
		return "BOOLEAN"
	case aTime:
		return "TIMESTAMP"
	}
	return "VARCHAR"
}

// at is the field's place in an event; the pointer's type follows from holds.
func at[T any](f *field, e *event.Event) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(e), f.offset))
}

// list encodes a field that holds a list, or "" if it is empty.
func (f *field) list(e *event.Event) string {
	v := reflect.NewAt(f.typ, unsafe.Pointer(at[byte](f, e))).Elem()
	if v.Len() == 0 {
		return ""
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		panic("BUG: " + f.name + ": " + err.Error())
	}
	return string(b)
}

// setText sets a field from its column's or rare member's text; it ignores what cannot be read, since
// only the store's own text comes here.
func (f *field) setText(e *event.Event, s string) {
	switch f.holds {
	case aString:
		*at[string](f, e) = s
	case aStringPtr:
		*at[*string](f, e) = &s
	case someJSON:
		*at[json.RawMessage](f, e) = json.RawMessage(s)
	case aList:
		_ = json.Unmarshal([]byte(s), reflect.NewAt(f.typ, unsafe.Pointer(at[byte](f, e))).Interface())
	}
}

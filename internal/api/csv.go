package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// encoder writes rows of T: one CSV record or JSON line each. It is for one goroutine.
type encoder[T any] struct {
	format string
	safe   bool
	cols   []column
	buf    bytes.Buffer
	csv    *csv.Writer
}

// column is a field of the row, by its JSON name.
type column struct {
	name  string
	index []int
}

func encoderOf[T any](format string, safe bool) *encoder[T] {
	e := &encoder[T]{format: format, safe: safe, cols: columns(reflect.TypeFor[T](), nil)}
	e.csv = csv.NewWriter(&e.buf)
	return e
}

// columns lists the fields of a row in order, those of embedded structs first hand. The raw call is left
// out: lists do not have it.
func columns(t reflect.Type, at []int) []column {
	var out []column
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int{}, at...), i)
		if f.Anonymous {
			out = append(out, columns(f.Type, index)...)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "raw" {
			out = append(out, column{name, index})
		}
	}
	return out
}

// header is what the file starts with. It is valid until the next call.
func (e *encoder[T]) header() []byte {
	if e.format != "csv" {
		return nil
	}
	names := make([]string, len(e.cols))
	for i, c := range e.cols {
		names[i] = c.name
	}
	b, err := e.record(names)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return b
}

// row encodes one row. It is valid until the next call.
func (e *encoder[T]) row(r *T) ([]byte, error) {
	if e.format != "csv" {
		b, err := json.Marshal(r)
		return append(b, '\n'), err
	}
	v := reflect.ValueOf(r).Elem()
	cells := make([]string, len(e.cols))
	for i, c := range e.cols {
		var err error
		if cells[i], err = e.cell(v.FieldByIndex(c.index)); err != nil {
			return nil, fmt.Errorf("write column %s: %w", c.name, err)
		}
	}
	return e.record(cells)
}

func (e *encoder[T]) record(cells []string) ([]byte, error) {
	e.buf.Reset()
	if err := e.csv.Write(cells); err != nil {
		return nil, err
	}
	e.csv.Flush()
	return e.buf.Bytes(), e.csv.Error()
}

func (e *encoder[T]) cell(v reflect.Value) (string, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return "", nil
		}
		return x.UTC().Format(time.RFC3339Nano), nil
	case json.RawMessage:
		return e.guard(string(x)), nil
	}
	switch v.Kind() {
	case reflect.String:
		return e.guard(v.String()), nil
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	}
	if v.Len() == 0 {
		return "", nil
	}
	b, err := json.Marshal(v.Interface())
	return e.guard(string(b)), err
}

// guard keeps spreadsheets from running a text as a formula (OWASP, "CSV Injection").
func (e *encoder[T]) guard(s string) string {
	if e.safe && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

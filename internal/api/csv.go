package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// textWriter writes rows of T: one CSV record or JSON line each. It is for one goroutine.
type textWriter[T any] struct {
	out    io.Writer
	format string
	safe   bool
	cols   []column
	cells  []string
	csv    *csv.Writer // nil: JSON lines
}

// column is a field of the row, by its JSON name.
type column struct {
	name  string
	index []int
}

// newTextWriter writes the header of a CSV file.
func newTextWriter[T any](w io.Writer, format string, safe bool) (*textWriter[T], error) {
	t := &textWriter[T]{out: w, format: format, safe: safe, cols: columns(reflect.TypeFor[T](), nil)}
	if format != "csv" {
		return t, nil
	}
	t.csv, t.cells = csv.NewWriter(w), make([]string, len(t.cols))
	for i, c := range t.cols {
		t.cells[i] = c.name
	}
	return t, t.csv.Write(t.cells)
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

func (t *textWriter[T]) write(r *T) error {
	if t.csv == nil {
		b, err := json.Marshal(r)
		if err == nil {
			_, err = t.out.Write(append(b, '\n'))
		}
		return err
	}
	v := reflect.ValueOf(r).Elem()
	for i, c := range t.cols {
		var err error
		if t.cells[i], err = cell(v.FieldByIndex(c.index), t.safe); err != nil {
			return fmt.Errorf("write column %s: %w", c.name, err)
		}
	}
	return t.csv.Write(t.cells)
}

func (t *textWriter[T]) close() error {
	if t.csv == nil {
		return nil
	}
	t.csv.Flush()
	return t.csv.Error()
}

// cell writes a value as the text of a CSV's cell.
func cell(v reflect.Value, safe bool) (string, error) {
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
		return guard(string(x), safe), nil
	}
	switch v.Kind() {
	case reflect.String:
		return guard(v.String(), safe), nil
	case reflect.Int, reflect.Int64:
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
	return guard(string(b), safe), err
}

// guard keeps spreadsheets from running a text as a formula (OWASP, "CSV Injection").
func guard(s string, safe bool) string {
	if safe && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

package api

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
)

// rowsAGroup bounds the rows of a row group, which is what an export keeps in memory.
const rowsAGroup = 20_000

// parquetWriter writes rows of T as Parquet: one optional column a field, by its JSON name. Times are
// timestamps of microseconds in UTC; lists and objects are JSON text.
type parquetWriter[T any] struct {
	cols []column // in the order of the file, which is by name
	out  *parquet.Writer
	row  parquet.Row
	rows int
}

func newParquetWriter[T any](w io.Writer) *parquetWriter[T] {
	t := reflect.TypeFor[T]()
	group, byName := parquet.Group{}, map[string]column{}
	for _, c := range columns(t, nil) {
		group[c.name] = parquet.Compressed(parquet.Optional(parquetNode(t.FieldByIndex(c.index).Type)), &parquet.Zstd)
		byName[c.name] = c
	}
	schema := parquet.NewSchema("row", group)
	p := &parquetWriter[T]{out: parquet.NewWriter(w, schema)}
	for _, path := range schema.Columns() {
		p.cols = append(p.cols, byName[path[0]])
	}
	return p
}

func parquetNode(t reflect.Type) parquet.Node {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return parquet.Timestamp(parquet.Microsecond)
	case t.Kind() == reflect.String:
		return parquet.String()
	case t.Kind() == reflect.Int64:
		return parquet.Int(64)
	case t.Kind() == reflect.Float64:
		return parquet.Leaf(parquet.DoubleType)
	case t.Kind() == reflect.Bool:
		return parquet.Leaf(parquet.BooleanType)
	}
	return parquet.JSON()
}

func (p *parquetWriter[T]) write(r *T) error {
	v := reflect.ValueOf(r).Elem()
	p.row = p.row[:0]
	for i, c := range p.cols {
		value, ok, err := parquetValue(v.FieldByIndex(c.index))
		if err != nil {
			return fmt.Errorf("write column %s: %w", c.name, err)
		}
		level := 1
		if !ok {
			value, level = parquet.NullValue(), 0
		}
		p.row = append(p.row, value.Level(0, level, i))
	}
	if _, err := p.out.WriteRows([]parquet.Row{p.row}); err != nil {
		return err
	}
	if p.rows++; p.rows%rowsAGroup == 0 {
		return p.out.Flush()
	}
	return nil
}

// parquetValue is the value of a field; false if it is absent, as a JSON member left out is.
func parquetValue(v reflect.Value) (parquet.Value, bool, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return parquet.Value{}, false, nil
		}
		v = v.Elem()
	} else if v.Kind() == reflect.String && v.Len() == 0 {
		return parquet.Value{}, false, nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return parquet.Int64Value(x.UnixMicro()), !x.IsZero(), nil
	case json.RawMessage:
		return parquet.ByteArrayValue(x), len(x) > 0, nil
	}
	switch v.Kind() {
	case reflect.String:
		return parquet.ByteArrayValue([]byte(v.String())), true, nil
	case reflect.Int64:
		return parquet.Int64Value(v.Int()), true, nil
	case reflect.Float64:
		return parquet.DoubleValue(v.Float()), true, nil
	case reflect.Bool:
		return parquet.BooleanValue(v.Bool()), true, nil
	}
	if v.Len() == 0 {
		return parquet.Value{}, false, nil
	}
	b, err := json.Marshal(v.Interface())
	return parquet.ByteArrayValue(b), true, err
}

func (p *parquetWriter[T]) close() error { return p.out.Close() }

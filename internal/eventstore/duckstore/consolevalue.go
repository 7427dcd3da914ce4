package duckstore

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// tableOf reads an answer of at most limit rows and about eventstore.MaxSQLBytes.
func tableOf(rows *sql.Rows, limit int) (*eventstore.SQLTable, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	t := &eventstore.SQLTable{Columns: make([]eventstore.SQLColumn, len(types)), Rows: [][]any{}}
	temporal := make([]string, len(types))
	for i, typ := range types {
		t.Columns[i] = eventstore.SQLColumn{Name: typ.Name(), Type: typ.DatabaseTypeName()}
		temporal[i] = typ.DatabaseTypeName()
	}
	size := 0
	for rows.Next() {
		if len(t.Rows) == limit || size > eventstore.MaxSQLBytes {
			t.Truncated = true
			break
		}
		row, into := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i := range row {
			row[i] = presented(row[i], temporal[i], &size)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

// exactly is up to where JSON readers keep whole numbers.
const exactly = 1 << 53

// presented is a value as JSON shows it; its bytes, about, are added to size.
func presented(v any, typ string, size *int) any {
	*size += 8
	switch x := v.(type) {
	case nil, bool, int8, int16, int32, uint8, uint16, uint32:
		return x
	case string:
		*size += len(x)
		return x
	case int64:
		return wholeNumber(big.NewInt(x))
	case uint64:
		return wholeNumber(new(big.Int).SetUint64(x))
	case *big.Int:
		return wholeNumber(x)
	case float32:
		return fraction(float64(x))
	case float64:
		return fraction(x)
	case duckdb.Decimal:
		return fraction(x.Float64())
	case time.Time:
		return moment(x, typ)
	case []byte:
		if typ == "UUID" && len(x) == 16 {
			return (*duckdb.UUID)(x).String()
		}
		*size += 2 * len(x)
		return base64.StdEncoding.EncodeToString(x)
	case duckdb.UUID:
		return x.String()
	case duckdb.Interval:
		return duration(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = presented(x[i], "", size)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			*size += len(k)
			out[k] = presented(x[k], "", size)
		}
		return out
	case duckdb.Map:
		out := make(map[string]any, len(x))
		for k, item := range x {
			key := fmt.Sprint(presented(k, "", size))
			out[key] = presented(item, "", size)
		}
		return out
	}
	s := fmt.Sprint(v)
	*size += len(s)
	return s
}

func wholeNumber(n *big.Int) any {
	if n.IsInt64() && n.Int64() <= exactly && n.Int64() >= -exactly {
		return n.Int64()
	}
	return n.String()
}

func fraction(n float64) any {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	return n
}

func moment(t time.Time, typ string) string {
	switch typ {
	case "DATE":
		return t.UTC().Format(time.DateOnly)
	case "TIME":
		return t.UTC().Format("15:04:05.999999")
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func duration(x duckdb.Interval) string {
	text := ""
	if x.Months != 0 {
		text += strconv.Itoa(int(x.Months)) + " months "
	}
	if x.Days != 0 {
		text += strconv.Itoa(int(x.Days)) + " days "
	}
	return text + (time.Duration(x.Micros) * time.Microsecond).String()
}

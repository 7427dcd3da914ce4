package duckstore

import (
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// appender fills a table of the hot file column by column, without a call into C for a cell: it sets
// values, and bits of the masks of present rows, in the vectors' own memory. A cell that is not set
// is absent. Rows become part of the transaction that is open when flush is called.
type appender struct {
	app   mapping.Appender
	chunk mapping.DataChunk
	cols  []vector
	row   int
	// arena holds the bytes of the chunk's long strings until DuckDB has copied them. It is pinned,
	// since vectors point into it; it is never moved, but replaced when a chunk outgrows it.
	arena  []byte
	size   int // of an arena
	arenas [][]byte
	pins   runtime.Pinner
}

const (
	chunkRows  = 2048    // DuckDB's vector size
	arenaSize  = 1 << 20 // of a chunk that holds message texts, about
	smallArena = 64 << 10
)

// newAppender opens a table for appending. arena is how many bytes of long strings a chunk has, about.
func (n *native) newAppender(table string, arena int) (*appender, error) {
	a := &appender{size: arena}
	if mapping.AppenderCreateExt(n.conn, "", "main", table, &a.app) == mapping.StateError {
		defer mapping.AppenderDestroy(&a.app)
		return nil, fmt.Errorf("append to %s: %s", table, mapping.AppenderError(a.app))
	}
	var types []mapping.LogicalType
	for i := range mapping.AppenderColumnCount(a.app) {
		types = append(types, mapping.AppenderColumnType(a.app, i))
	}
	a.chunk = mapping.CreateDataChunk(types)
	for i := range types {
		mapping.DestroyLogicalType(&types[i])
	}
	a.cols = make([]vector, len(types))
	a.newArena(a.size)
	a.reset()
	return a, nil
}

func (a *appender) close() {
	mapping.DestroyDataChunk(&a.chunk)
	mapping.AppenderDestroy(&a.app)
	a.pins.Unpin()
}

// reset empties the chunk and marks every cell absent.
func (a *appender) reset() {
	mapping.DataChunkReset(a.chunk)
	for i := range a.cols {
		v := mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i))
		mapping.VectorEnsureValidityWritable(v)
		a.cols[i] = vector{data: mapping.VectorGetData(v), valid: (*uint64)(mapping.VectorGetValidity(v))}
		clear(unsafe.Slice(a.cols[i].valid, chunkRows/64))
	}
	a.row = 0
	if len(a.arenas) > 1 {
		a.pins.Unpin()
		a.arenas = nil
		a.newArena(a.size)
	}
	a.arena = a.arena[:0]
}

func (a *appender) newArena(size int) {
	a.arena = make([]byte, 0, size)
	a.arenas = append(a.arenas, a.arena)
	a.pins.Pin(unsafe.SliceData(a.arena))
}

// next ends a row.
func (a *appender) next() error {
	if a.row++; a.row < chunkRows {
		return nil
	}
	return a.hand()
}

// hand gives the chunk to DuckDB, which copies it.
func (a *appender) hand() error {
	if a.row == 0 {
		return nil
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(a.row))
	defer a.reset()
	if mapping.AppendDataChunk(a.app, a.chunk) == mapping.StateError {
		return fmt.Errorf("append rows: %s", mapping.AppenderError(a.app))
	}
	return nil
}

// flush hands over what is left and makes all rows part of the open transaction.
func (a *appender) flush() error {
	if err := a.hand(); err != nil {
		return err
	}
	if mapping.AppenderFlush(a.app) == mapping.StateError {
		return fmt.Errorf("append rows: %s", mapping.AppenderError(a.app))
	}
	return nil
}

// forget drops the rows that were not flushed.
func (a *appender) forget() {
	mapping.AppenderClear(a.app)
	a.reset()
}

func (a *appender) present(col int) unsafe.Pointer {
	v := a.cols[col]
	*(*uint64)(unsafe.Add(unsafe.Pointer(v.valid), a.row/64*8)) |= 1 << (a.row % 64)
	return v.data
}

func (a *appender) int64(col int, n int64) {
	*(*int64)(unsafe.Add(a.present(col), a.row*8)) = n
}

func (a *appender) int32(col int, n int32) {
	*(*int32)(unsafe.Add(a.present(col), a.row*4)) = n
}

func (a *appender) float64(col int, n float64) {
	*(*float64)(unsafe.Add(a.present(col), a.row*8)) = n
}

func (a *appender) bool(col int, b bool) {
	*(*bool)(unsafe.Add(a.present(col), a.row)) = b
}

// time sets a timestamp; the zero time is absent.
func (a *appender) time(col int, t time.Time) {
	if !t.IsZero() {
		a.int64(col, t.UnixMicro())
	}
}

// text sets a string; "" is absent.
func (a *appender) text(col int, s string) {
	if s != "" {
		a.string(col, s)
	}
}

// string sets a string that may be empty. DuckDB wants UTF-8.
func (a *appender) string(col int, s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	to := (*stringT)(unsafe.Add(a.present(col), a.row*int(unsafe.Sizeof(stringT{}))))
	*to = stringT{length: uint32(len(s))}
	if len(s) <= inlined {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&to.prefix)), inlined), s)
		return
	}
	if len(a.arena)+len(s) > cap(a.arena) {
		a.newArena(max(a.size, len(s)))
	}
	from := len(a.arena)
	a.arena = append(a.arena, s...)
	copy(to.prefix[:], s)
	to.ptr = uintptr(unsafe.Pointer(&a.arena[from]))
}

// list sets a list of strings. They are copied at once: a call into C each, for lists are few and short.
func (a *appender) list(col int, items []string) {
	v := mapping.DataChunkGetVector(a.chunk, mapping.IdxT(col))
	from := mapping.ListVectorGetSize(v)
	until := from + mapping.IdxT(len(items))
	mapping.ListVectorReserve(v, until)
	mapping.ListVectorSetSize(v, until)
	child := mapping.ListVectorGetChild(v)
	for i, s := range items {
		mapping.VectorAssignStringElement(child, from+mapping.IdxT(i), strings.ToValidUTF8(s, "\uFFFD"))
	}
	*(*[2]uint64)(unsafe.Add(a.present(col), a.row*16)) = [2]uint64{uint64(from), uint64(len(items))}
}

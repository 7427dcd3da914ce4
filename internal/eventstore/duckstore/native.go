package duckstore

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// native is the writer's connection, on DuckDB's C interface. database/sql and its appender cost a
// call into C for nearly every cell; the writer fills vectors in place instead (see appender). One
// goroutine at a time may use it.
type native struct {
	db   mapping.Database
	conn mapping.Connection
}

// openNative connects to the database that is open among instances at path with the same settings.
func openNative(instances mapping.InstanceCache, path string, settings map[string]string) (*native, error) {
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return nil, errors.New("create configuration")
	}
	defer mapping.DestroyConfig(&config)
	for name, value := range settings {
		if mapping.SetConfig(config, name, value) == mapping.StateError {
			return nil, fmt.Errorf("set %s to %q", name, value)
		}
	}
	n := &native{}
	var message string
	if mapping.GetOrCreateFromCache(instances, path, &n.db, config, &message) == mapping.StateError {
		return nil, errors.New(message)
	}
	if mapping.Connect(n.db, &n.conn) == mapping.StateError {
		mapping.Close(&n.db)
		return nil, errors.New("connect")
	}
	return n, nil
}

func (n *native) close() {
	mapping.Disconnect(&n.conn)
	mapping.Close(&n.db)
}

// exec runs a statement; args are strings and int64s.
func (n *native) exec(sql string, args ...any) error {
	return n.query(nil, sql, args...)
}

// query runs a statement and calls each for every chunk of the answer.
func (n *native) query(each func(chunk), sql string, args ...any) error {
	var stmt mapping.PreparedStatement
	defer mapping.DestroyPrepare(&stmt)
	if mapping.Prepare(n.conn, sql, &stmt) == mapping.StateError {
		return fmt.Errorf("prepare %.60q: %s", sql, mapping.PrepareError(stmt))
	}
	for i, arg := range args {
		at, state := mapping.IdxT(i+1), mapping.State(mapping.StateError)
		switch v := arg.(type) {
		case string:
			state = mapping.BindVarcharLength(stmt, at, v, mapping.IdxT(len(v)))
		case int64:
			state = mapping.BindInt64(stmt, at, v)
		}
		if state == mapping.StateError {
			return fmt.Errorf("bind argument %d of %.60q", i+1, sql)
		}
	}
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if err := execute(stmt, &res); err != nil {
		return fmt.Errorf("run %.60q: %w", sql, err)
	}
	if each == nil {
		return nil
	}
	for {
		c := mapping.FetchChunk(res)
		if c.Ptr == nil {
			return nil
		}
		each(chunk{c})
		mapping.DestroyDataChunk(&c)
	}
}

// execute runs a prepared statement task by task. DuckDB hands the last task of a statement, such as a
// commit that syncs, to a thread of its own and spins while it runs; here the wait is a sleep.
func execute(stmt mapping.PreparedStatement, res *mapping.Result) error {
	var pending mapping.PendingResult
	defer mapping.DestroyPending(&pending)
	if mapping.PendingPrepared(stmt, &pending) == mapping.StateError {
		return errors.New(mapping.PendingError(pending))
	}
	const shortest, longest = 20 * time.Microsecond, time.Millisecond
	wait := shortest
	for {
		state := mapping.PendingExecuteTask(pending)
		if mapping.PendingExecutionIsFinished(state) {
			break
		}
		if state == mapping.PendingStateNoTasksAvailable {
			time.Sleep(wait)
			wait = min(2*wait, longest)
		}
	}
	if mapping.ExecutePending(pending, res) == mapping.StateError {
		return errors.New(mapping.ResultError(res))
	}
	return nil
}

// chunk is some rows of an answer. Its columns are valid until the next one is fetched.
type chunk struct{ c mapping.DataChunk }

func (c chunk) rows() int { return int(mapping.DataChunkGetSize(c.c)) }

func (c chunk) column(i int) vector {
	v := mapping.DataChunkGetVector(c.c, mapping.IdxT(i))
	return vector{data: mapping.VectorGetData(v), valid: (*uint64)(mapping.VectorGetValidity(v))}
}

// vector is one column of a chunk: an array in DuckDB's memory, and its bit mask of present rows (nil:
// all present).
type vector struct {
	data  unsafe.Pointer
	valid *uint64
}

// stringT is duckdb_string_t: up to 12 bytes are stored inside, longer strings by pointer after their
// first four bytes. The pointer is kept as a number: the place is DuckDB's memory, where Go's write
// barrier must not look.
type stringT struct {
	length uint32
	prefix [4]byte
	ptr    uintptr
}

const inlined = 12

func (v vector) null(row int) bool {
	if v.valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(unsafe.Pointer(v.valid), row/64*8))
	return word&(1<<(row%64)) == 0
}

// text is the string of a row, "" if absent. It is valid as long as the chunk.
func (v vector) text(row int) string {
	if v.null(row) {
		return ""
	}
	s := (*stringT)(unsafe.Add(v.data, row*int(unsafe.Sizeof(stringT{}))))
	if s.length <= inlined {
		return unsafe.String((*byte)(unsafe.Pointer(&s.prefix)), s.length)
	}
	return unsafe.String(*(**byte)(unsafe.Pointer(&s.ptr)), s.length)
}

func (v vector) int64(row int) int64 { return *(*int64)(unsafe.Add(v.data, row*8)) }

func (v vector) int32(row int) int32 { return *(*int32)(unsafe.Add(v.data, row*4)) }

func (v vector) float64(row int) float64 { return *(*float64)(unsafe.Add(v.data, row*8)) }

func (v vector) bool(row int) bool { return *(*bool)(unsafe.Add(v.data, row)) }

package eventstore

import (
	"errors"
	"fmt"
	"time"
)

// Errors of an engine's SQL console. An engine need not have one; whoever offers it declares the method
// that it needs, and an engine's SQL has this meaning: one SELECT over the views, in a snapshot, that
// cannot write, reach a file or the network, change a setting, or see anything but the views.
var (
	// ErrSQLMemory is a statement that needed more memory than one may.
	ErrSQLMemory = errors.New("the statement needs more memory than it may use; narrow it, or aggregate earlier")
	// ErrSQLTime is a statement that took longer than one may.
	ErrSQLTime = errors.New("the statement took too long; narrow it")
)

// SQLError is a statement that is wrong or not allowed: the sender can mend it.
type SQLError struct {
	Message string
	// Position is the byte in the statement that it is about, from 0; -1 where it is not known.
	Position int
}

// Error implements error.
func (e *SQLError) Error() string { return e.Message }

// Bounds of an SQL console.
const (
	MaxSQL       = 32 << 10 // bytes of a statement
	MaxSQLRows   = 10_000   // rows of an answer
	MaxSQLBytes  = 8 << 20  // of an answer, about
	SQLTimeLimit = 15 * time.Second
)

// SQLTable is the answer to a statement.
type SQLTable struct {
	Columns []SQLColumn
	// Rows hold what encodes as JSON: nil, bool, string, numbers, and lists and objects of them. Times
	// are RFC 3339 in UTC; whole numbers beyond 2^53, which JSON readers round, are strings.
	Rows [][]any
	// Truncated says that there are more rows: beyond the limit asked for, or beyond MaxSQLBytes.
	Truncated bool
}

// SQLColumn is a column of an answer or a view.
type SQLColumn struct {
	Name string
	Type string // as the engine calls it
	Doc  string // of a view's
}

// SQLView is a table that statements may read. Names, types and meaning of its columns stay from version
// to version; columns may be added.
type SQLView struct {
	Name    string
	Doc     string
	Columns []SQLColumn
}

// SQLNotAllowed makes the error of something that statements cannot use.
func SQLNotAllowed(what string, args ...any) error {
	return &SQLError{Message: fmt.Sprintf(what, args...), Position: -1}
}

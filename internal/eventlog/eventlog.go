// Package eventlog is the contract of the durable log between the door and everything else: a
// record is appended and synced before its sender is told so, and read back by consumers that each
// keep their own position.
//
// It says nothing about what a record holds. Implementations are the folders below; package logtest
// holds all of them to the laws stated here. Only package app imports an implementation.
package eventlog

import (
	"context"
	"errors"
)

// Position names a record. The log hands positions out, in the order of records; callers compare
// them and give them back, and never do arithmetic on them. Zero is before the first record ever.
type Position uint64

// MaxRecord is the largest record in bytes that a log accepts.
const MaxRecord = 64 << 20

var (
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("event log is closed")
	// ErrTooLarge is returned by Append for a record of more than MaxRecord bytes or none.
	ErrTooLarge = errors.New("record is empty or too large")
	// ErrFull is returned by Append while the log cannot take more: the disk is full, or its bound on
	// size is reached. Nothing of the record is kept; a later Append may succeed.
	ErrFull = errors.New("event log is full")
	// ErrFailed is returned by Append after a write or sync error whose effect is unknown. The log
	// takes no more records until it is opened again: after a failed fsync, what the disk holds can
	// no longer be known.
	ErrFailed = errors.New("event log has failed; restart to recover")
	// ErrTrimmed is returned by Reader.Next when the record asked for has been trimmed away.
	ErrTrimmed = errors.New("position is trimmed away")
)

// Log is a durable, ordered log of records. All methods may be called at once from any number of
// goroutines. One process opens a log at a time; Open of an implementation fails otherwise.
type Log interface {
	// Append stores one record and returns its position once it is durable: it is there after the
	// process is killed and after power loss, and every Reader comes to it. Concurrent calls share one
	// sync. On error the record is not acknowledged; after a restart it may be there or not, whole.
	// The record may be reused after Append has returned. If ctx ends while Append waits, Append
	// returns its error and the record may still become durable.
	Append(ctx context.Context, record []byte) (Position, error)

	// Bounds returns the position before the oldest record that is kept, and that of the newest
	// durable record. They are equal when nothing is kept.
	Bounds() (before, last Position)

	// Reader returns a reader of the records after pos, in order, each once, durable ones only.
	Reader(after Position) Reader

	// Trim allows records up to and including pos to be deleted. It may keep some of them. It never
	// deletes later ones, and positions are never used again.
	Trim(upTo Position) error

	// Err returns nil while the log takes records, else why not; readiness checks ask it.
	Err() error

	// Size returns the bytes that the log occupies on its medium.
	Size() (int64, error)

	// Close waits for appends under way, syncs and releases the log. It may be called twice.
	Close() error
}

// Record is one record read back.
type Record struct {
	Position Position
	Data     []byte // valid until the next call of Next
}

// Reader is a cursor on a log, for one goroutine. It needs no closing.
type Reader interface {
	// Next returns the next record, waiting for one to become durable. It returns the error of ctx
	// when that ends, ErrTrimmed or ErrClosed. After ErrTrimmed the reader stands at the oldest kept record.
	Next(ctx context.Context) (Record, error)
	// TryNext is Next without waiting: false when there is no further durable record now.
	TryNext() (Record, bool, error)
}

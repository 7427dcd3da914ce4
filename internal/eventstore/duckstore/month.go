package duckstore

import (
	"fmt"
	"time"
)

// month is a calendar month of occurred_at in UTC, counted from year 0: the unit of files.
type month int32

func monthOf(t time.Time) month {
	y, m, _ := t.UTC().Date()
	return month(y*12 + int(m) - 1)
}

// start is the month's first instant.
func (m month) start() time.Time {
	return time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC)
}

func (m month) end() time.Time { return (m + 1).start() }

// String is the month as in file names: 2026-03.
func (m month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1) }

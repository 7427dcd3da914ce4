package destination

import (
	"errors"
	"fmt"
)

// MaxReason bounds in bytes what an error quotes of a place's answer.
const MaxReason = 500

// ErrUnavailable is wrapped by errors that are not the message's fault: the place does not answer, is full,
// asks to be left alone, or refuses the credentials. Any message would have got the same.
var ErrUnavailable = errors.New("unavailable")

// Discarded is a message that a place will never take: trying again is useless.
type Discarded struct {
	Code   string // stable, for grouping: "400", "too_large"
	Reason string // in words
}

// Error implements error.
func (d *Discarded) Error() string { return d.Code + ": " + d.Reason }

// InvalidSettings says what is wrong with a setting.
type InvalidSettings struct {
	Key    string
	Reason string
}

// Error implements error.
func (i *InvalidSettings) Error() string { return fmt.Sprintf("%s: %s", i.Key, i.Reason) }

// Again tells whether the message is to be tried again: it is neither delivered nor discarded.
func (r Result) Again() bool {
	var discarded *Discarded
	return r.Err != nil && !errors.As(r.Err, &discarded)
}

// All returns n times the same result: what became of a batch that a place answers as a whole.
func All(n int, r Result) []Result {
	all := make([]Result, n)
	for i := range all {
		all[i] = r
	}
	return all
}

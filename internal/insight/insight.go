// Package insight answers questions about a workspace: a metric over a range by period and dimension,
// compared with the period before; lists of conversations, events and people; facets; transcripts. It turns
// them into the algebra of package query, so that API, UI, exports and checks share one path to every
// figure.
//
// It speaks neither HTTP nor SQL. Packages api and mcp are its faces.
package insight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// ErrNotFound is wrapped by the errors of questions about something that does not exist.
var ErrNotFound = errors.New("not found")

// ParameterError is a question that makes no sense, and the part of it at fault, by the name that the
// HTTP API gives it.
type ParameterError struct {
	Parameter string
	Err       error
}

// Error returns the name of the parameter and what is wrong with it.
func (e *ParameterError) Error() string { return e.Parameter + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *ParameterError) Unwrap() error { return e.Err }

func fault(parameter, format string, args ...any) error {
	return &ParameterError{Parameter: parameter, Err: fmt.Errorf(format, args...)}
}

// Conversions knows what counts as a conversion in the workspace.
type Conversions interface {
	// Conversions returns all definitions, in an order that stays.
	Conversions(ctx context.Context) ([]Conversion, error)
}

// Insight answers questions. It keeps no state and may be used by many goroutines.
type Insight struct {
	Store       eventstore.Reader
	Conversions Conversions // nil: no definitions
	Namer       Namer       // nil: values are called what they are
	// Now is asked which periods are over. Nil: time.Now.
	Now func() time.Time
}

func (in *Insight) now() time.Time {
	if in.Now != nil {
		return in.Now()
	}
	return time.Now()
}

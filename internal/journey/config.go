// Package journey finds out what became of calls (receipts) and tells the way of one, step by step (journeys), in the
// words of the API. It looks everywhere that a call can be: the end of the log, the event store, quarantine and the
// list of rejections; and reads a stored call again by what holds now. It changes nothing. Only package app imports it.
package journey

import (
	"context"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/deliver"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Config is where [Receipts] look. All of it is required.
type Config struct {
	Workspace string
	Meta      *metastore.Store
	Store     eventstore.Reader
	Log       eventlog.Log
	Cursor    func() eventlog.Position           // the pipeline's
	Settings  func(source string) vocab.Source   // how calls of a source are mapped now
	Plan      func(source string) *plan.Enforcer // that a source follows now; nil for none
	StoredAs  func(source, id string) string     // what redaction makes of an id
	Mapper    func() *vocab.Mapper               // a new one: it is for one goroutine
	// Ways returns how a stored row with its raw call stands with each destination; none for rows that go nowhere.
	Ways func(ctx context.Context, row *event.Event) ([]deliver.Way, error)
}

// Receipts find out what became of the calls of one workspace. Their methods may be called from any goroutine.
type Receipts struct{ config Config }

var _ api.Receipts = (*Receipts)(nil)

// New returns the receipts of a workspace.
func New(c Config) *Receipts { return &Receipts{c} }

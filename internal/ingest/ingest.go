// Package ingest is what the wire protocols at the door have in common: who may send (write keys and
// sources), how much (limits, pressure, rate), how a body is read and decoded, how browsers are
// answered (CORS), and how an error looks.
//
// It decodes no protocol: that is the business of the folders below, one a protocol. It interprets
// no call: that is the business of the vocabularies, behind the event log.
package ingest

import (
	"context"
	"errors"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// ErrUnknownKey is returned by [Sources] for a write key that names no source.
var ErrUnknownKey = errors.New(`write key unknown; create one with "debrief source add"`)

// Source is what the door knows about the sender of a request.
type Source struct {
	ID        string
	Workspace string
	Name      string // shown to people; may be empty
	Enabled   bool   // a disabled source is refused with 403
	// IgnoreAnonymous asks clients that heed it to send nothing of people without a user id.
	IgnoreAnonymous bool
}

// Sources finds the source of a write key.
type Sources interface {
	// Lookup returns the source that writeKey belongs to, enabled or not, or [ErrUnknownKey]. It answers
	// from memory, as every request asks. Any other error means "not known now": the client is told to
	// retry. writeKey lives in a buffer that is used again: Lookup does not keep it.
	Lookup(writeKey string) (Source, error)
}

// Log is where the door stores requests before it answers; every [eventlog.Log] is one.
type Log interface {
	// Append returns once the record is durable. See [eventlog.Log].
	Append(ctx context.Context, record []byte) (eventlog.Position, error)
}

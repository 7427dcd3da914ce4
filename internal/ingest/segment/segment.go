// Package segment is the door for the Segment Tracking API and its relatives (RudderStack's SDKs): it
// authenticates, bounds and decodes requests, appends them to the event log, and only then answers.
//
// docs/ingest.md states the routes, answers and rules. What a call means is the business of the
// vocabularies; the door checks only what it must, to tell the sender at once. Package app mounts it.
package segment

import (
	"io/fs"
	"log/slog"
	"net/netip"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/redact"
)

// Protocol is the [event.Request] Protocol of the calls that this door takes in.
const Protocol = "segment"

// Config says how a [Handler] works. Sources and Log are required.
type Config struct {
	Sources ingest.Sources
	Log     ingest.Log

	// Redact is applied to every call before the log. Nil leaves calls alone.
	Redact redact.Func

	// Limits bound requests. Zero fields are defaults; see [ingest.SegmentStrict].
	Limits ingest.Limits

	// PublicURL is how the outside world reaches this server ("https://events.example.com", a path prefix
	// may follow). If set, the settings document tells clients to send there; if empty, they keep the
	// host they were given.
	PublicURL string

	// TrustedProxies are the peers whose X-Forwarded-For header is believed. None by default.
	TrustedProxies []netip.Prefix

	// Script holds analytics.min.js (or standalone.js, its name in the npm package) and its lazy chunks,
	// all at the root. Nil or without the file: 404 with how to build it.
	Script fs.FS

	// Metrics is the set that counters are registered in. Nil keeps them unseen.
	Metrics *metrics.Set

	// Logger receives faults of the server, never of senders. Nil discards.
	Logger *slog.Logger

	// Now is the clock, NewID makes event ids for calls without one. Nil: time.Now and UUIDv7.
	Now   func() time.Time
	NewID func() string
}

// Package redact is the place where personal data is taken out of a call: at the door, before the
// event log, so that nothing behind the door ever holds it.
//
// It holds the place alone so far: the detectors and content modes are to come. Package ingest's
// protocols call it; it knows no protocol and no storage.
package redact

import "github.com/debrief-dev/debrief/internal/event"

// Func redacts one call of a source before it is logged. It may replace call.JSON by another valid
// object of no more than 256 levels, but changes none of its bytes in place. A Func that changes the
// message text sets call.BodyChars and call.BodyHash to those of the text before the change
// ([event.BodyChars], [event.BodyHash]). It keeps nothing of call after it returns: strings and JSON
// of call live in a buffer that is used again. Refused calls (call.Reject) pass through it as well,
// and their JSON may be empty. It may be called from many goroutines at once.
//
// A nil Func leaves every call alone.
type Func func(workspace, source string, call *event.Raw)

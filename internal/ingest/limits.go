package ingest

import (
	"errors"
	"fmt"
)

// Limits bound what the door takes in. The zero value of a field means its default.
type Limits struct {
	// EventBytes is the largest call, as JSON merged with its batch envelope; default 1 MiB. A larger one
	// inside a batch is refused alone.
	EventBytes int
	// BodyBytes is the largest request body as sent, so compressed if it is; default 8 MiB.
	BodyBytes int
	// DecodedBytes is the largest request body after decompression; default 8 MiB.
	DecodedBytes int
	// Events is the number of calls that one request may hold; default 10,000. Calls beyond it are
	// refused one by one.
	Events int
	// IDChars is the longest user, anonymous, group or previous id, and event name, in code points;
	// default 1,024.
	IDChars int
	// MessageIDChars is the longest event id in code points; default 1,024.
	MessageIDChars int
	// Properties is the number of top-level properties or traits of a call; default no bound.
	Properties int
	// RequestsPerSecond bounds each source, with bursts of one second's worth; default no bound.
	RequestsPerSecond int
	// InFlightRequests and InFlightBytes bound what is read, decoded and waiting for the log at one
	// time; more is answered 429. Defaults 4,096 requests and 256 MiB of bodies.
	InFlightRequests int
	InFlightBytes    int64
}

// SegmentStrict returns the limits that Segment documents: 32 KB a call, 500 KB and 2,500 calls a batch,
// 10,000 properties, event ids of 100 characters, group ids of 500, 1,000 requests a second. They refuse
// long prompts, and clients that miscount their own limits; the defaults do not.
func SegmentStrict() Limits {
	return Limits{
		EventBytes: 32 << 10, BodyBytes: 500 << 10, DecodedBytes: 500 << 10, Events: 2500,
		IDChars: 500, MessageIDChars: 100, Properties: 10_000, RequestsPerSecond: 1000,
	}
}

// WithDefaults returns l with the defaults in place of zeros.
func (l Limits) WithDefaults() Limits {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.EventBytes, 1<<20)
	def(&l.BodyBytes, 8<<20)
	def(&l.DecodedBytes, 8<<20)
	def(&l.Events, 10_000)
	def(&l.IDChars, 1024)
	def(&l.MessageIDChars, 1024)
	def(&l.InFlightRequests, 4096)
	if l.InFlightBytes == 0 {
		l.InFlightBytes = 256 << 20
	}
	return l
}

// maxDecodedBytes keeps a request, with its batch envelope merged into every call, within one record of
// the event log.
const maxDecodedBytes = 16 << 20

// Validate reports all faults of l.
func (l Limits) Validate() error {
	l = l.WithDefaults()
	var faults []error
	positive := func(name string, v int64) {
		if v < 0 {
			faults = append(faults, fmt.Errorf("limit %s is %d; it cannot be negative", name, v))
		}
	}
	positive("event bytes", int64(l.EventBytes))
	positive("body bytes", int64(l.BodyBytes))
	positive("decoded bytes", int64(l.DecodedBytes))
	positive("events", int64(l.Events))
	positive("id chars", int64(l.IDChars))
	positive("message id chars", int64(l.MessageIDChars))
	positive("properties", int64(l.Properties))
	positive("requests per second", int64(l.RequestsPerSecond))
	positive("in-flight requests", int64(l.InFlightRequests))
	positive("in-flight bytes", l.InFlightBytes)
	if l.DecodedBytes > maxDecodedBytes {
		faults = append(faults, fmt.Errorf("limit decoded bytes is %d; at most %d fit the event log", l.DecodedBytes, maxDecodedBytes))
	}
	if l.InFlightBytes < int64(l.BodyBytes)+int64(l.DecodedBytes) {
		faults = append(faults, fmt.Errorf("limit in-flight bytes is %d; one request may need %d", l.InFlightBytes, l.BodyBytes+l.DecodedBytes))
	}
	return errors.Join(faults...)
}

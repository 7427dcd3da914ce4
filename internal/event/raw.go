package event

import "time"

// Raw is one call as received: what the door knows about it and the call itself. It is complete: a
// canonical event is a pure function of its Raw, so that any mapping can be redone by replay.
type Raw struct {
	// ID is the event id: the client's messageId, or one made at the door before the log, so that
	// only the log's own replay can repeat it. Never empty for an accepted call.
	ID string
	// Type is the call type after repair: track, identify, page, screen, group or alias; of OpenTelemetry,
	// span or log.
	Type string
	// Path is the call type that a single-event route names; empty on batch routes. With the type
	// fields inside JSON it lets a vocabulary say which repair led to Type.
	Path string
	// SentAt is the client's clock when it sent the request; zero when absent or unreadable.
	SentAt time.Time
	// Retried says that the client marked the request as a retry (X-Retry-Count above 0).
	Retried bool
	// IP and UserAgent of the client, where the rules let the server fill them (docs/ingest.md).
	IP, UserAgent string
	// BodyChars and BodyHash describe the message text before redaction changed it: code points, and
	// the keyed hash of [BodyHash]. Zero and empty when redaction left the text alone.
	BodyChars int64
	BodyHash  string
	// Masked says what redaction took out, by rule; never what it was.
	Masked []Masked
	// Repairs made at the door, before a vocabulary saw the call.
	Repairs []Repair
	// Reject is set on a call that the door refused: kept for the view of rejected events, never
	// mapped. JSON then holds what was sent, if it was small enough to keep.
	Reject *Reject
	// JSON is the call, one JSON object: merged with its batch envelope, after redaction, without
	// writeKey. Valid UTF-8, at most 256 levels deep.
	JSON []byte
}

// Masked is how often redaction masked something by a rule in one call.
type Masked struct {
	Rule string // a rule of package enrich/pii, or "text" for texts that were not kept
	N    int    // above 0
}

// Reject says why a call was refused.
type Reject struct {
	Code    string `json:"code"`    // stable, snake_case: "missing_event_name"
	Message string `json:"message"` // for the developer who sent it; quotes no user content
}

// Request is one accepted HTTP request: the unit that the event log stores. Its calls keep their order.
type Request struct {
	Workspace  string
	Source     string // source id
	Protocol   string // how it came: "segment", later "screeb", "otlp" …; picks how JSON is to be read
	ReceivedAt time.Time
	// Replay says that the calls were received before, at ReceivedAt, and come again: from quarantine or
	// from raw files. Their ids are looked up in the whole store, however old.
	Replay bool
	Calls  []Raw
}

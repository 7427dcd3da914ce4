// Package destination is the contract of the places that calls are handed on to: what a destination
// says of itself, what it is given, and how it answers. Each is a folder below; package destinationtest
// holds all of them to the laws stated here. Package deliver decides what is sent when and owns retries;
// only package app imports the folders.
package destination

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Destination is a kind of place. It is stateless: all methods may be called from any goroutine.
type Destination interface {
	// Spec says what the destination is; pages, forms and docs are made of it.
	Spec() Spec
	// Open makes a sender of settings that the spec's Check has passed. It does no I/O: a place that is down
	// must not keep the server from starting. It returns an [InvalidSettings] for what only it can see.
	Open(s Settings, env Env) (Sender, error)
}

// Sender sends to one place. Up to Batch().Parallel goroutines call Send at once; Test may be called beside
// them. Errors may quote what the place answered, at most [MaxReason] bytes: package deliver takes out what
// was in the message and what is secret before it keeps or shows a reason.
type Sender interface {
	// Batch bounds one Send. It stays the same as long as the sender lives.
	Batch() Batch
	// Send hands messages over, in their order, and returns one result for each, in the same order. It
	// obeys ctx, and returns when nothing is under way any more. Sending a message again that the place
	// has got already must be harmless where the place allows: the event id goes with it as the key. Where the
	// spec says Ordered, no message is delivered behind one of the same person that is to be tried again.
	// Send never panics on what a client sent, logs nothing of it, and keeps nothing of messages' memory.
	Send(ctx context.Context, messages []Message) []Result
	// Test asks the place whether it could be sent to, with as little effect as it allows. The error says in
	// words what to mend.
	Test(ctx context.Context) error
	// Close waits for nothing and releases connections.
	Close() error
}

// Spec is what a destination says of itself.
type Spec struct {
	Name     string // lower case, one word: stored, and in URLs
	Title    string
	Doc      string // what arrives there, in a paragraph of Markdown
	Website  string
	Settings []Setting
	// Types are the call types that it takes; others are not given to it. Empty: Segment's six. Only who says
	// so gets OpenTelemetry's span and log.
	Types []string
	// Mapping is the default payload of a call, in the language of package mapping; nil where the
	// destination has a shape of its own that people do not change.
	Mapping json.RawMessage
	// Example is a call and what is sent for it, for docs.
	Example Example
	// OneRequest says that a message which goes alone is one HTTP request of Env.Client, whatever was asked before and
	// is answered: so it can be shown without being sent.
	OneRequest bool
	// Ordered promises that the messages of a person arrive in their order, also when some are tried again.
	Ordered bool
}

// Batch bounds what is given to one Send: at most Messages, of Bytes in sum (one larger message goes alone),
// gathered for at most Wait. Zero: 1 message, 1 MiB, no wait, one Send at a time.
type Batch struct {
	Messages int
	Bytes    int
	Wait     time.Duration
	// Parallel is how many Sends may run at once. Where the spec says Ordered, no two of them have
	// messages of the same person.
	Parallel int
}

// Example shows what becomes of a call.
type Example struct {
	Call json.RawMessage
	Sent string
}

// Env is what a sender may use of the server.
type Env struct {
	// Client sends HTTP requests: it obeys the server's rules for addresses, proxies and time limits.
	Client *http.Client
	// Dial opens other connections by the same rules; databases use it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock.
	Now func() time.Time
	// ID names this destination's instance: it stays the same over restarts.
	ID string
	// Dir is a directory of the instance's own, made when first asked for.
	Dir func() (string, error)
}

// Message is one call on its way.
type Message struct {
	// ID is the event id: the key by which a place can tell a repetition.
	ID string
	// Call is the call as Segment writes it, after redaction, plan, functions and the instance's mapping of
	// fields: one JSON object with type, messageId, timestamp, userId, anonymousId, properties, traits, context.
	Call json.RawMessage
	// Payload is what the instance's mapping made of the call; nil for a destination without one.
	Payload json.RawMessage
	// Event is the row that the call became: what it means. It is shared, not to be changed.
	Event *event.Event
	// Attempt counts from 1.
	Attempt int
}

// Result is what became of a message. The zero value is delivered.
type Result struct {
	// Err is nil when delivered. A [Discarded] is not tried again; anything else is, after a while. An
	// error that wraps [ErrUnavailable] says that the fault is not the message's.
	Err error
	// RetryAfter is the least wait that the place asked for; 0 when it said none.
	RetryAfter time.Duration
}

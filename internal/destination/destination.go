// Package destination is the contract of the places that calls are handed on to: what a destination
// says of itself, what it is given, and how it answers. Each is a folder below; package destinationtest
// holds all of them to the laws stated here. Package deliver decides what is sent when and owns retries;
// only package app imports the folders.
package destination

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// Sender sends to one place. One goroutine calls Send at a time; Test may be called beside it.
type Sender interface {
	// Send hands messages over, in their order, and returns one result for each, in the same order. It
	// obeys ctx, and returns when nothing is under way any more. Sending a message again that the place
	// has got already must be harmless where the place allows: the event id goes with it as the key.
	// Send never panics on what a client sent, and logs nothing of it.
	Send(ctx context.Context, messages []Message) []Result
	// Test asks the place whether it could be sent to, with as little effect as it allows. The error says in
	// words what to mend; it quotes no secret.
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
	// Types are the call types that it takes; others are not given to it. Empty: all.
	Types []string
	// Mapping is the default payload of a call, in the language of package mapping; nil where the
	// destination has a shape of its own that people do not change.
	Mapping json.RawMessage
	// Example is a call and what is sent for it, for docs.
	Example Example
	// Batch bounds one Send.
	Batch Batch
	// Ordered promises that the messages of a person arrive in their order, also when some are tried again.
	Ordered bool
}

// Batch bounds what is given to one Send: at most Messages, of Bytes in sum, gathered for at most Wait.
// Zero: 1 message, 1 MiB, no wait.
type Batch struct {
	Messages int
	Bytes    int
	Wait     time.Duration
}

// Example shows what becomes of a call.
type Example struct {
	Call json.RawMessage
	Sent string
}

// Setting is one field of the settings form.
type Setting struct {
	Key      string
	Label    string
	Doc      string
	Type     SettingType
	Required bool
	Default  string
	Choices  []string // of a choice
	Example  string
}

// SettingType is how a setting is written and checked.
type SettingType string

// Types of settings. The text of a secret is encrypted where it is stored, and never shown again.
const (
	Text    SettingType = "text"
	Secret  SettingType = "secret"
	Number  SettingType = "number"
	Boolean SettingType = "boolean" // "true" or "false"
	Choice  SettingType = "choice"
	URL     SettingType = "url" // http or https
	Map     SettingType = "map" // lines of "key: value"
)

// Settings are the values of a spec's settings by key, defaults filled in.
type Settings map[string]string

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
	// Err is nil when delivered. A [Discarded] is not tried again; anything else is, after a while.
	Err error
	// RetryAfter is the least wait that the place asked for; 0 when it said none.
	RetryAfter time.Duration
}

// Discarded is a message that a place will never take: trying again is useless.
type Discarded struct {
	Code   string // stable, for grouping: "400", "invalid_settings", "too_large"
	Reason string // in words; of the place's answer at most 500 bytes, none of the message
}

// Error implements error.
func (d *Discarded) Error() string { return d.Code + ": " + d.Reason }

// InvalidSettings is what only the destination can see is wrong with a setting.
type InvalidSettings struct {
	Key    string
	Reason string
}

// Error implements error.
func (i *InvalidSettings) Error() string { return fmt.Sprintf("%s: %s", i.Key, i.Reason) }

// ErrUnreachable wraps the errors of a place that does not answer; breakers count them.
var ErrUnreachable = errors.New("unreachable")

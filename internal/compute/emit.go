package compute

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// Source is what emitted calls say for the id of their source: there is no such source, so no plan and no mapping is
// theirs. They are read as calls of Segment's.
const (
	Source   = "computed"
	protocol = "segment"
)

// teller makes the calls that tell of changes. Their form is Segment's.
type teller struct {
	workspace string
	of        map[string]told // by key
	now       time.Time
}

// told is what is told of a definition.
type told struct {
	id   string
	key  string
	kind Kind
	emit Emit
	to   []string // ids of destinations; none: all
}

// teller tells of the definitions that there are, and of those that are gone and whose values are being taken.
func (c *Compute) teller(defs []*Definition) *teller {
	t := &teller{workspace: c.config.Workspace, of: map[string]told{}, now: c.config.Now().UTC().Truncate(time.Microsecond)}
	for id, s := range c.allStates() {
		for _, key := range s.Keys {
			t.of[key] = told{id, s.Key, s.Kind, s.Emit, s.To}
		}
	}
	for _, d := range defs {
		for _, key := range d.Keys() {
			t.of[key] = told{d.ID, d.Key, d.Kind, d.Emit, d.Destinations}
		}
	}
	return t
}

// personas is where a call says what computed it, as Segment's do.
type personas struct {
	Class     string `json:"computation_class"`
	ID        string `json:"computation_id"`
	Key       string `json:"computation_key"`
	Namespace string `json:"namespace"`
	Space     string `json:"space_id"`
}

// message is an emitted call.
type message struct {
	Type        string                     `json:"type"`
	MessageID   string                     `json:"messageId"`
	Timestamp   string                     `json:"timestamp"`
	UserID      string                     `json:"userId,omitempty"`
	AnonymousID string                     `json:"anonymousId,omitempty"`
	Event       string                     `json:"event,omitempty"`
	Traits      map[string]json.RawMessage `json:"traits,omitempty"`
	Properties  map[string]json.RawMessage `json:"properties,omitempty"`
	// Integrations names the destinations that are told, as Segment does; none: all are.
	Integrations map[string]bool `json:"integrations,omitempty"`
	Context      struct {
		Personas personas          `json:"personas"`
		Library  map[string]string `json:"library"`
	} `json:"context"`
}

// tell makes the call that tells of a change; nil for none.
func (t *teller) tell(c profilestore.Change) (*profilestore.Call, error) {
	d, ok := t.of[c.Key]
	if !ok || d.emit == None {
		return nil, nil
	}
	m := message{MessageID: t.id(d, c), Timestamp: t.now.Format("2006-01-02T15:04:05.000Z")}
	m.Context.Personas = personas{Class: "trait", ID: d.id, Key: d.key, Namespace: "spa_" + t.workspace, Space: "spa_" + t.workspace}
	m.Context.Library = map[string]string{"name": "debrief"}
	if m.UserID = c.Person; c.Anonymous {
		m.UserID, m.AnonymousID = "", c.Person
	}
	value := c.New
	switch {
	case d.kind == Audience:
		m.Context.Personas.Class = "audience"
		value = json.RawMessage("false")
		if c.New != nil {
			value = json.RawMessage("true")
		}
	case value == nil:
		value = json.RawMessage("null")
	}
	t.say(&m, d, c, value)
	if len(d.to) > 0 {
		m.Integrations = map[string]bool{"All": false}
	}
	for _, id := range d.to {
		m.Integrations[id] = true
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode call of %s: %w", c.Key, err)
	}
	return &profilestore.Call{ID: m.MessageID, Type: m.Type, JSON: text}, nil
}

// say puts what changed into a call.
func (t *teller) say(m *message, d told, c profilestore.Change, value json.RawMessage) {
	if d.emit == Identify {
		m.Type, m.Traits = "identify", map[string]json.RawMessage{c.Key: value}
		return
	}
	name := "trait_key"
	m.Type, m.Event = "track", "Trait Computed"
	if d.kind == Audience {
		name, m.Event = "audience_key", "Audience Entered"
		if c.New == nil {
			m.Event = "Audience Exited"
		}
	}
	quoted, _ := json.Marshal(c.Key) // a text always encodes
	m.Properties = map[string]json.RawMessage{name: quoted, c.Key: value}
}

// id is that of a call: of the change, so that whoever gets the call twice can tell.
func (t *teller) id(d told, c profilestore.Change) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{d.id, c.Key, c.Person, string(c.Old), string(c.New), t.now.Format(time.RFC3339Nano), strconv.FormatInt(c.N, 10)}, "\x00")))
	return "computed-" + hex.EncodeToString(sum[:16])
}

// outboxPage is how many calls go into one record of the log.
const outboxPage = 500

// flush appends the calls of the outbox to the log of emitted calls.
func (c *Compute) flush(ctx context.Context) error {
	for {
		calls, err := c.config.Profiles.Outbox(ctx, outboxPage)
		if err != nil || len(calls) == 0 {
			return err
		}
		now := c.config.Now().UTC()
		req := event.Request{Workspace: c.config.Workspace, Source: Source, Protocol: protocol, ReceivedAt: now}
		for _, x := range calls {
			req.Calls = append(req.Calls, event.Raw{ID: x.ID, Type: x.Type, SentAt: now, JSON: x.JSON})
		}
		at, err := c.config.Log.Append(ctx, event.AppendRequest(nil, &req))
		if err != nil {
			return fmt.Errorf("append emitted calls: %w", err)
		}
		if err := c.config.Profiles.Emitted(ctx, calls, uint64(at)); err != nil {
			return err
		}
		c.meters.emitted.Add(len(calls))
	}
}

// recallEmitted takes calls off the outbox that are in the log: the server ended between the two.
func (c *Compute) recallEmitted(ctx context.Context) error {
	from, err := c.config.Profiles.EmittedUpTo(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	reader, last := c.config.Log.Reader(eventlog.Position(from)), eventlog.Position(from)
	for {
		rec, ok, err := reader.TryNext()
		if errors.Is(err, eventlog.ErrTrimmed) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read emitted calls: %w", err)
		}
		if !ok {
			break
		}
		last = rec.Position
		req, err := event.DecodeRequest(rec.Data)
		if err != nil {
			return fmt.Errorf("read emitted calls at %d: %w", rec.Position, err)
		}
		for i := range req.Calls {
			there[strings.Clone(req.Calls[i].ID)] = true
		}
	}
	if last == eventlog.Position(from) {
		return nil
	}
	waiting, err := c.config.Profiles.Outbox(ctx, outboxPage)
	if err != nil {
		return err
	}
	var done []profilestore.Call
	for _, x := range waiting {
		if there[x.ID] {
			done = append(done, x)
		}
	}
	return c.config.Profiles.Emitted(ctx, done, uint64(last))
}

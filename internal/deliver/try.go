package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
)

// testTimeout bounds a test of a connection.
const testTimeout = 20 * time.Second

// TestError is why a connection test failed.
type TestError struct{ Reason string }

// Error implements error.
func (e *TestError) Error() string { return e.Reason }

// Test asks the place of a destination whether it could be sent to. The error is for people, and holds no secret.
func (d *Deliver) Test(ctx context.Context, id string) error {
	one, err := d.config.Meta.Destination(ctx, d.config.Workspace, id)
	if err != nil {
		return err
	}
	settings, _, err := d.Settings(one)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return d.test(ctx, d.kinds[one.Kind], settings, d.env(id))
}

// TestDraft is Test of what is not saved: of a new destination, or with an id of a change to that one, whose secrets
// are used where the draft has none.
func (d *Deliver) TestDraft(ctx context.Context, id string, draft Draft) error {
	kind, settings, err := d.resolve(ctx, id, draft)
	if err != nil {
		return err
	}
	env := d.env(id)
	if id == "" { // it has no directory yet
		dir, err := os.MkdirTemp("", "debrief-destination-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		env.Dir = func() (string, error) { return dir, nil }
	}
	return d.test(ctx, kind, settings, env)
}

func (d *Deliver) test(ctx context.Context, kind destination.Destination, settings destination.Settings, env destination.Env) error {
	spec := kind.Spec()
	sender, err := kind.Open(settings, env)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	defer func() { _ = sender.Close() }()
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	if err := sender.Test(ctx); err != nil {
		return &TestError{hideSecrets(destination.Shorten(err.Error()), secretsOf(&spec, settings))}
	}
	return nil
}

// resolve returns the kind and the whole settings of a draft.
func (d *Deliver) resolve(ctx context.Context, id string, draft Draft) (destination.Destination, destination.Settings, error) {
	one := metastore.Destination{ID: id, Kind: draft.Kind}
	var before destination.Settings
	if id != "" {
		var err error
		if one, err = d.config.Meta.Destination(ctx, d.config.Workspace, id); err != nil {
			return nil, nil, err
		}
		if before, _, err = d.Settings(one); err != nil {
			before = nil // what cannot be read any more is set anew
		}
	}
	kind, ok := d.kinds[one.Kind]
	if !ok {
		return nil, nil, fmt.Errorf("%w: there is no destination of kind %q", ErrInvalid, one.Kind)
	}
	spec := kind.Spec()
	settings, err := check(kind, &spec, draft.Settings, before, d.env(id))
	if err := errors.Join(err, draft.Rules.Check(&spec)); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return kind, settings, nil
}

// Previewed is what would become of a call.
type Previewed struct {
	Call    json.RawMessage // as destinations get it
	Outcome string          // sent, or the step that is its end: filtered, dropped, retried, discarded
	Reason  string          // of retried and discarded, in words; it holds no secret
	// Out is what functions and mapping make of the call; nil unless the outcome is sent.
	Out json.RawMessage
	// Request is how it goes out; nil for kinds whose way is no single request of HTTP.
	Request *Request
}

// outcomeSent is the outcome of a call that would be sent; others are steps.
const outcomeSent = "sent"

// Preview says what would become of calls as Segment writes them, or of the newest stored ones: the recent newest.
// Functions run, and nothing is sent by the destination. The draft is as that of [Deliver.TestDraft]. What is redacted
// when it comes in has been redacted of stored calls, and not of given ones.
func (d *Deliver) Preview(ctx context.Context, id string, draft Draft, given []json.RawMessage, recent int) ([]Previewed, error) {
	kind, settings, err := d.resolve(ctx, id, draft)
	if err != nil {
		return nil, err
	}
	spec := kind.Spec()
	preparer, err := d.preparer(&spec, &draft.Rules)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	calls, err := d.samples(ctx, given, recent)
	if err != nil {
		return nil, err
	}
	out, left := make([]Previewed, len(calls)), []int(nil)
	selector := newSelector(&spec, id, draft.Name, draft.Rules.Filter)
	var passed []json.RawMessage
	for i, c := range calls {
		if out[i] = (Previewed{Call: c.call, Outcome: stepFiltered}); selector.takes(c) {
			left, passed = append(left, i), append(passed, c.call)
		}
	}
	secrets := secretsOf(&spec, settings)
	for n, p := range preparer.prepare(ctx, passed) {
		one := &out[left[n]]
		if one.Outcome = outcomeOf(&p); p.err != nil {
			one.Reason = hideSecrets(destination.Shorten(p.err.Error()), secrets)
		}
		if one.Outcome != outcomeSent {
			continue
		}
		if one.Out = p.payload; one.Out == nil {
			one.Out = p.call
		}
		if spec.OneRequest {
			row := calls[left[n]].row
			one.Request = d.record(ctx, kind, settings, destination.Message{ID: row.ID, Call: p.call, Payload: p.payload, Event: row, Attempt: 1})
		}
	}
	return out, nil
}

func outcomeOf(p *prepared) string {
	switch {
	case p.err != nil && discarded(p.err):
		return stepDiscarded
	case p.err != nil:
		return stepRetried
	case p.call == nil:
		return stepDropped
	}
	return outcomeSent
}

// samples returns the calls of a preview.
func (d *Deliver) samples(ctx context.Context, given []json.RawMessage, recent int) ([]*accepted, error) {
	acceptor := d.acceptor()
	var out []*accepted
	for i, text := range given {
		var call struct{ Type, MessageID string }
		if err := json.Unmarshal(text, &call); err != nil || !slices.Contains(segmentTypes(), call.Type) {
			return nil, fmt.Errorf("%w: call %d is an object whose type is one of %s", ErrInvalid, i+1, strings.Join(segmentTypes(), ", "))
		}
		if call.MessageID == "" {
			call.MessageID = fmt.Sprint("preview-", i+1)
		}
		now := d.config.Now()
		request := event.Request{Protocol: "segment", ReceivedAt: now, Calls: []event.Raw{{ID: call.MessageID, Type: call.Type, SentAt: now, JSON: text}}}
		one, _, err := acceptor.call(&request, 0, 0, false)
		if err != nil {
			return nil, fmt.Errorf("%w: call %d cannot be read", ErrInvalid, i+1)
		}
		out = append(out, one)
	}
	newest, err := d.newest(ctx, acceptor, recent, "")
	return append(out, newest...), err
}

// Newest returns the newest stored calls of a type, of any for "", as destinations and functions get them; at most n.
func (d *Deliver) Newest(ctx context.Context, n int, kind string) ([]json.RawMessage, error) {
	calls, err := d.newest(ctx, d.acceptor(), n, kind)
	out := make([]json.RawMessage, len(calls))
	for i, c := range calls {
		out[i] = c.call
	}
	return out, err
}

// maxLooked bounds the rows that are looked at for the newest calls.
const maxLooked = 2000

func (d *Deliver) newest(ctx context.Context, acceptor *acceptor, n int, kind string) ([]*accepted, error) {
	var out []*accepted
	if n == 0 || d.config.Store == nil {
		return out, nil
	}
	list := query.List{Grain: query.Events, Sort: "received_at", Desc: true, Limit: maxLooked, Raw: true}
	if action := actions[kind]; action != "" {
		list.Filter = query.Is("action", query.Eq, action)
	}
	for row, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return nil, fmt.Errorf("read newest calls: %w", err)
		}
		one, err := acceptor.stored(row)
		if err != nil {
			return nil, err
		}
		if one == nil || kind != "" && one.kind != kind { // rows that were derived of others are not sent
			continue
		}
		if out = append(out, one); len(out) == n {
			break
		}
	}
	return out, nil
}

// actions are those of the rows that calls of a type become, where there is one.
var actions = map[string]string{"identify": "identified", "group": "grouped", "alias": "aliased", "page": "viewed", "screen": "viewed"}

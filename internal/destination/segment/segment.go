// Package segment hands calls on in Segment's own format: to Segment, RudderStack, or another Debrief. Only
// package app imports it.
package segment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is a Segment-shaped endpoint.
type Destination struct{}

var _ destination.Destination = Destination{}

// Bounds of a request: 500 kB and 32 kB a call are Segment's (spec of the HTTP tracking API).
const (
	maxCalls = 100
	maxBytes = 450 << 10
)

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME"}}`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "segment",
		Title:   "Segment, RudderStack or another Debrief",
		Website: "https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/",
		Doc: "Forwards every call to an endpoint of Segment's HTTP tracking API, in batches. The message id is kept, so that the " +
			"receiver counts a call once, and the timestamp is the corrected one. What is masked here arrives masked.",
		Settings: []destination.Setting{
			{Key: "endpoint", Label: "Endpoint", Type: destination.URL, Required: true, Default: "https://api.segment.io", Example: "https://debrief.example.com",
				Doc: "Where `/v1/batch` is: of RudderStack the data plane, of another Debrief its address."},
			{Key: "write_key", Label: "Write key", Type: destination.Text, Secret: true, Required: true, Example: "wk_0123456789",
				Doc: "Of the source that receives the calls."},
		},
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "POST /v1/batch\nAuthorization: Basic …\n\n" +
			`{"batch":[` + exampleCall + `],"sentAt":"2026-11-21T10:00:01.000Z"}`},
		OneRequest: true,
		Ordered:    true,
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	return &sender{url: strings.TrimRight(s["endpoint"], "/") + "/v1/batch", key: s["write_key"], client: env.Client, now: env.Now}, nil
}

// sender is an open endpoint; it keeps nothing between requests.
type sender struct {
	url, key string
	client   *http.Client
	now      func() time.Time
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: maxCalls, Bytes: maxBytes, Wait: time.Second, Parallel: 4}
}

// Send implements [destination.Sender]. A batch that is refused whole goes in halves, until the bad call is alone.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	return destination.Split(messages, func(some []destination.Message) destination.Result { return s.post(ctx, some) }, "400", "413", "422", "invalid_call")
}

func (s *sender) post(ctx context.Context, messages []destination.Message) destination.Result {
	calls := make([]json.RawMessage, len(messages))
	for i := range messages {
		call, err := forwarded(&messages[i])
		if err != nil {
			if len(messages) == 1 {
				return destination.Result{Err: err}
			}
			call = messages[i].Call // refused by the receiver with its batch, and then alone
		}
		calls[i] = call
	}
	body, err := json.Marshal(map[string]any{"batch": calls, "sentAt": s.now().UTC().Format(times)})
	if err != nil {
		return destination.Result{Err: &destination.Discarded{Code: "invalid_call", Reason: "the call is no JSON"}}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return destination.Result{Err: &destination.Discarded{Code: "invalid_settings", Reason: "the request cannot be made of the settings"}}
	}
	r.SetBasicAuth(s.key, "")
	r.Header.Set("Content-Type", "application/json")
	_, result := destination.Do(s.client, r, s.now())
	return result
}

// times is how Segment writes them.
const times = "2006-01-02T15:04:05.000Z"

// forwarded is the call under its event id and corrected time. The times of its first journey go: with them
// the receiver would correct the clock once more.
func forwarded(m *destination.Message) (json.RawMessage, error) {
	var call map[string]json.RawMessage
	if err := json.Unmarshal(m.Call, &call); err != nil || call == nil {
		return nil, &destination.Discarded{Code: "invalid_call", Reason: "the call is no object"}
	}
	for _, key := range []string{"sentAt", "receivedAt", "originalTimestamp", "writeKey", "_metadata"} {
		delete(call, key)
	}
	id, err := json.Marshal(m.ID)
	if err != nil {
		return nil, fmt.Errorf("write event id: %w", err)
	}
	call["messageId"] = id
	call["timestamp"] = json.RawMessage(`"` + m.Event.OccurredAt.UTC().Format(times) + `"`)
	return json.Marshal(call)
}

// Test implements [destination.Sender]: it sends an empty batch, which leaves nothing.
func (s *sender) Test(ctx context.Context) error { return s.post(ctx, nil).Err }

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

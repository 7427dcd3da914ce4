// Package webhook sends calls to an HTTP address of the operator's choice, signed by Standard Webhooks
// (https://www.standardwebhooks.com) and by Segment's X-Signature. Only package app imports it.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is the webhook.
type Destination struct{}

var _ destination.Destination = Destination{}

// MaxBatch bounds the calls of one request.
const MaxBatch = 1000

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME","amount":12.5,"conversationId":"c-1"},"context":{}}`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "webhook",
		Title:   "Webhook",
		Website: "https://www.standardwebhooks.com",
		Doc: "Sends every call as JSON to an address of yours: one object a request, or an array of several. " +
			"With a signing secret each request carries `webhook-id`, `webhook-timestamp` and `webhook-signature` as Standard Webhooks has " +
			"them, over the exact body, and Segment's `X-Signature` (HMAC-SHA1 of the exact body, in hex). `webhook-id` stays the same " +
			"when a request is repeated, so that you can tell. Answer with any 2xx; 408, 429, 5xx and refused credentials are tried again, " +
			"other 4xx are given up at once.",
		Settings: []destination.Setting{
			{Key: "url", Label: "URL", Type: destination.URL, Required: true, Secret: true, Example: "https://example.com/hooks/debrief",
				Doc: "Where requests go. It is kept like a secret, since addresses of webhooks often hold one."},
			{Key: "method", Label: "Method", Type: destination.Choice, Choices: []string{"POST", "PUT", "PATCH"}, Default: "POST"},
			{Key: "secret", Label: "Signing secret", Type: destination.Text, Secret: true, Example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
				Doc: "Of Standard Webhooks: `whsec_` and base64; any other text is taken as it is. Without one nothing is signed."},
			{Key: "headers", Label: "Headers", Type: destination.Map, Secret: true, Example: "Authorization: Bearer 123",
				Doc: "Sent with every request, one a line."},
			{Key: "batch_size", Label: "Calls a request", Type: destination.Number, Default: "1",
				Doc: "1 sends an object, more sends an array of at most so many (1000 at most)."},
		},
		Mapping: json.RawMessage(`{"@path":"$."}`),
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "POST /hooks/debrief\nContent-Type: application/json\n" +
			"Webhook-Id: m-1\nWebhook-Timestamp: 1795255200\nWebhook-Signature: v1,…\nX-Signature: …\n\n" + exampleCall},
		OneRequest: true,
		Ordered:    true,
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	size := s.Int("batch_size")
	if size < 1 || size > MaxBatch {
		return nil, &destination.InvalidSettings{Key: "batch_size", Reason: "is not between 1 and 1000"}
	}
	key, err := signingKey(s["secret"])
	if err != nil {
		return nil, err
	}
	for _, h := range s.Pairs("headers") {
		if !validHeader(h.Key, h.Value) {
			return nil, &destination.InvalidSettings{Key: "headers", Reason: "has a name or value that HTTP does not allow"}
		}
	}
	return &sender{
		url: s["url"], method: s["method"], text: s["secret"], key: key, headers: s.Pairs("headers"),
		size: size, client: env.Client, now: env.Now,
	}, nil
}

// validHeader reports whether HTTP can carry the header, and may: those that frame a request are its own.
func validHeader(name, value string) bool {
	const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if strings.Trim(name, token) != "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return false
	}
	switch http.CanonicalHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding", "Connection", "Host":
		return false
	}
	return true
}

// sender is an open webhook; it keeps nothing between requests.
type sender struct {
	url, method string
	text        string // the secret as written; "" signs nothing
	key         []byte // the secret's bytes
	headers     []destination.Pair
	size        int
	client      *http.Client
	now         func() time.Time
}

// Batch implements [destination.Sender].
func (s *sender) Batch() destination.Batch {
	b := destination.Batch{Messages: s.size, Bytes: 4 << 20, Parallel: 8}
	if s.size > 1 {
		b.Wait = time.Second
	}
	return b
}

// Send implements [destination.Sender].
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	results := make([]destination.Result, 0, len(messages))
	for len(messages) > 0 {
		n := min(s.size, len(messages))
		results = append(results, s.request(ctx, messages[:n])...)
		messages = messages[n:]
	}
	return results
}

// request sends at most size messages; a body that is too large goes in halves.
func (s *sender) request(ctx context.Context, messages []destination.Message) []destination.Result {
	return destination.Split(messages, func(some []destination.Message) destination.Result {
		return s.send(ctx, requestID(some), s.body(some))
	}, "413")
}

// body is an object where requests have one call, else an array.
func (s *sender) body(messages []destination.Message) []byte {
	if s.size == 1 {
		return content(&messages[0])
	}
	var b bytes.Buffer
	for i := range messages {
		b.WriteByte("[,"[min(i, 1)])
		b.Write(content(&messages[i]))
	}
	b.WriteByte(']')
	return b.Bytes()
}

func content(m *destination.Message) []byte {
	if m.Payload != nil {
		return m.Payload
	}
	return m.Call
}

func (s *sender) send(ctx context.Context, id string, body []byte) destination.Result {
	r, err := http.NewRequestWithContext(ctx, s.method, s.url, bytes.NewReader(body))
	if err != nil { // the settings were checked
		return destination.Result{Err: &destination.Discarded{Code: "invalid_settings", Reason: "the request cannot be made of the settings"}}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Debrief-Webhook/1")
	for _, h := range s.headers {
		r.Header.Set(h.Key, h.Value)
	}
	if s.text != "" {
		s.sign(r.Header, id, body)
	}
	_, result := destination.Do(s.client, r, s.now())
	return result
}

// Test implements [destination.Sender]: it sends a signed track call named "Debrief Connection Test".
func (s *sender) Test(ctx context.Context) error {
	now := s.now().UTC()
	id := "debrief-test-" + now.Format("20060102T150405.000000000")
	call, err := json.Marshal(map[string]any{
		"type": "track", "event": "Debrief Connection Test", "messageId": id, "anonymousId": "debrief",
		"timestamp": now.Format("2006-01-02T15:04:05.000Z"), "properties": map[string]any{}, "context": map[string]any{},
	})
	if err != nil {
		return err
	}
	return s.request(ctx, []destination.Message{{ID: id, Call: call, Attempt: 1}})[0].Err
}

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

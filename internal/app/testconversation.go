package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// testSender sends a short conversation through the door, as a client of a source would.
type testSender struct {
	door http.Handler
	meta *metastore.Store
}

func (t testSender) send(ctx context.Context, source string) (api.TestSent, error) {
	src, err := t.meta.Source(ctx, metastore.DefaultWorkspace, source)
	if err != nil {
		return api.TestSent{}, translated(err)
	}
	if !src.Enabled || len(src.Keys) == 0 {
		return api.TestSent{}, fmt.Errorf("%w: the source is disabled", api.ErrInvalid)
	}
	conversation := "test-" + uuid.NewString()
	calls := testCalls(conversation, time.Now().UTC())
	body, err := json.Marshal(map[string]any{"batch": calls})
	if err != nil {
		return api.TestSent{}, fmt.Errorf("encode test conversation: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/batch", bytes.NewReader(body))
	if err != nil {
		return api.TestSent{}, fmt.Errorf("make test request: %w", err)
	}
	req.RemoteAddr = "127.0.0.1:0"
	req.SetBasicAuth(src.Keys[0].Key, "")
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	t.door.ServeHTTP(answer, req)
	if answer.status != http.StatusOK {
		return api.TestSent{}, fmt.Errorf("the door refuses the test conversation: %d %s", answer.status, answer.body.String())
	}
	return api.TestSent{ConversationID: conversation, Events: len(calls)}, nil
}

// answer keeps what a handler answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers to set.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write keeps the body.
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// testCalls is a conversation in the words of Segment's copilot spec, which has just taken place.
func testCalls(conversation string, now time.Time) []map[string]any {
	track := func(ago time.Duration, event string, properties map[string]any) map[string]any {
		properties["conversationId"] = conversation
		return map[string]any{
			"type": "track", "event": event, "userId": "test-user", "messageId": uuid.NewString(),
			"timestamp": now.Add(-ago).Format(time.RFC3339Nano), "properties": properties,
			"context": map[string]any{"library": map[string]any{"name": "debrief-test"}},
		}
	}
	return []map[string]any{
		track(9*time.Second, "Conversation Started", map[string]any{}),
		track(8*time.Second, "Message Sent", map[string]any{"messageId": "m1", "role": "customer", "message_body": "Hello! Does this work?"}),
		track(6*time.Second, "Message Received", map[string]any{"messageId": "m2", "role": "agent", "message_body": "It does: this is a test conversation, sent by Debrief itself."}),
		track(5*time.Second, "Component Loaded", map[string]any{"messageId": "m2", "type": "Stock Price Chart"}),
		track(2*time.Second, "Feedback Submitted", map[string]any{"messageId": "m2", "rating": 5, "rating_scale": "1-5"}),
		track(time.Second, "Conversation Ended", map[string]any{"message_count": 2}),
	}
}

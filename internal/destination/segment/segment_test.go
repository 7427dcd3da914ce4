package segment

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

// receiver takes batches as Segment does: whole, or not at all.
type receiver struct {
	mu   sync.Mutex
	ids  []string
	last map[string]any
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if key, _, ok := request.BasicAuth(); !ok || key != "wk_0123456789" || request.URL.Path != "/v1/batch" {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	text, err := io.ReadAll(io.LimitReader(request.Body, 500_000))
	var body struct {
		Batch  []map[string]any
		SentAt time.Time
	}
	if err != nil || json.Unmarshal(text, &body) != nil || body.SentAt.IsZero() {
		http.Error(w, `{"success":false}`, http.StatusBadRequest)
		return
	}
	for _, call := range body.Batch {
		if call["event"] == "refuse me" {
			http.Error(w, `{"success":false,"message":"malformed"}`, http.StatusBadRequest)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, call := range body.Batch {
		r.ids, r.last = append(r.ids, call["messageId"].(string)), call
	}
	_, _ = io.WriteString(w, `{"success":true}`)
}

func (r *receiver) arrived() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.ids...)
}

func TestLaws(t *testing.T) {
	t.Parallel()
	destinationtest.Run(t, func(*testing.T) destinationtest.Place {
		r := &receiver{}
		return destinationtest.Place{
			Destination: Destination{}, Handler: r, Arrived: r.arrived,
			Settings: func(address string) destination.Settings {
				return destination.Settings{"endpoint": "http://" + address, "write_key": "wk_0123456789"}
			},
			Refused: func(m *destination.Message) {
				m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
			},
		}
	})
}

// The receiver must not correct the client's clock again, by times of the call's first journey.
func TestTimesAreThoseOfNow(t *testing.T) {
	r := &receiver{}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"endpoint": destinationtest.Serve(t, r) + "/", "write_key": "wk_0123456789"})
	m := destinationtest.Call(1, "track", "u", map[string]any{"event": "x", "timestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:01Z",
		"originalTimestamp": "2020-01-01T00:00:00Z", "messageId": "short", "writeKey": "old"})
	m.ID = "the-event-id"
	if result := s.Send(t.Context(), []destination.Message{m})[0]; result.Err != nil {
		t.Fatal(result.Err)
	}
	if r.last["messageId"] != "the-event-id" || r.last["timestamp"] != m.Event.OccurredAt.Format(times) {
		t.Errorf("got id %v and time %v", r.last["messageId"], r.last["timestamp"])
	}
	for _, key := range []string{"sentAt", "originalTimestamp", "writeKey"} {
		if v, ok := r.last[key]; ok {
			t.Errorf("%s is sent on: %v", key, v)
		}
	}
}

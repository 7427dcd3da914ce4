package amplitude

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

const key = "0123456789abcdef0123456789abcdef"

// project is a server that takes what Amplitude's documentation says it takes.
type project struct {
	t     *testing.T
	limit int
	mu    sync.Mutex
	ids   []string
	last  []map[string]any // of the last request
}

// ServeHTTP implements http.Handler.
func (p *project) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var body struct {
		APIKey  string `json:"api_key"`
		Events  []map[string]any
		Options struct {
			MinIDLength int `json:"min_id_length"`
		}
	}
	if err := json.Unmarshal(text, &body); err != nil {
		p.t.Errorf("body is no JSON: %v", err)
	}
	answer := func(status int, more map[string]any) {
		more["code"] = status
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(more)
	}
	switch {
	case body.APIKey != key:
		answer(400, map[string]any{"error": "Invalid API key: " + body.APIKey})
		return
	case p.limit > 0 && len(text) > p.limit:
		answer(413, map[string]any{"error": "Payload too large"})
		return
	case len(body.Events) == 0:
		answer(400, map[string]any{"error": "Request missing required field", "missing_field": "events"})
		return
	}
	var future, short []int
	for i, e := range body.Events {
		if e["event_type"] == "refuse me" {
			future = append(future, i)
		}
		if id, _ := e["user_id"].(string); id != "" && len(id) < body.Options.MinIDLength {
			short = append(short, i)
		}
	}
	if len(future)+len(short) > 0 {
		answer(400, map[string]any{"error": "Request missing required field", "events_with_invalid_fields": map[string]any{"time": future},
			"events_with_invalid_id_lengths": map[string]any{"user_id": short}})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = nil
	for _, e := range body.Events {
		p.last = append(p.last, e)
		if id := e["insert_id"].(string); !slices.Contains(p.ids, id) && e["event_type"] != "$groupidentify" {
			p.ids = append(p.ids, id)
		}
	}
	answer(200, map[string]any{"events_ingested": len(body.Events)})
}

func (p *project) arrived() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ids)
}

func TestLaws(t *testing.T) {
	t.Parallel()
	destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
		p := &project{t: t}
		return destinationtest.Place{
			Destination: Destination{}, Handler: p, Arrived: p.arrived, Once: true,
			Settings: func(address string) destination.Settings {
				return destination.Settings{"endpoint": "http://" + address + "/2/httpapi", "api_key": key}
			},
			Refused: func(m *destination.Message) {
				m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
			},
		}
	})
}

func TestRefusedEventsAreNamedAndTheOthersStored(t *testing.T) {
	p := &project{t: t}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"endpoint": destinationtest.Serve(t, p), "api_key": key, "min_id_length": "5"})
	messages := []destination.Message{destinationtest.Track(1, "long enough"), destinationtest.Track(2, "123"),
		destinationtest.Call(3, "track", "long enough", map[string]any{"event": "refuse me"}), destinationtest.Track(4, "long enough")}
	want := []string{"<nil>", "invalid_event: user_id is too short", "invalid_event: time is invalid", "<nil>"}
	for i, r := range s.Send(t.Context(), messages) {
		if got := fmt.Sprint(r.Err); got != want[i] {
			t.Errorf("message %d: got %s, want %s", i, got, want[i])
		}
	}
	if got := p.arrived(); !slices.Equal(got, []string{"evt-000001", "evt-000004"}) {
		t.Errorf("arrived %q", got)
	}
}

func TestTooLargeRequestsAreHalvedInOrder(t *testing.T) {
	p := &project{t: t, limit: 3000}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"endpoint": destinationtest.Serve(t, p), "api_key": key})
	var messages []destination.Message
	var want []string
	for n := range 40 {
		messages = append(messages, destinationtest.Track(n, "u"))
		if n != 7 {
			want = append(want, messages[n].ID)
		}
	}
	messages[7] = destinationtest.Call(7, "track", "u", map[string]any{"event": "Large", "properties": map[string]any{"x": strings.Repeat("x", 5000)}})
	for i, r := range s.Send(t.Context(), messages) {
		if (r.Err != nil) != (i == 7) {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	if got := p.arrived(); !slices.Equal(got, want) {
		t.Errorf("arrived %q", got)
	}
}

func TestTraitsSessionsAndGroups(t *testing.T) {
	p := &project{t: t}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"endpoint": destinationtest.Serve(t, p), "api_key": key})
	f := func(m destination.Message, want ...string) {
		t.Helper()
		destinationtest.Deliver(t, s, m)
		var got []string
		ids := map[any]bool{}
		for _, e := range p.last {
			ids[e["insert_id"]] = true
			for _, same := range []string{"insert_id", "time", "device_id", "user_id", "library"} {
				delete(e, same)
			}
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(text))
		}
		if !slices.Equal(got, want) || len(ids) != len(want) {
			t.Errorf("got %s with %d keys, want %s", got, len(ids), want)
		}
	}
	f(destinationtest.Call(1, "identify", "u", map[string]any{"traits": map[string]any{"plan": "pro"}, "context": map[string]any{"sessionId": 1795230488321}}),
		`{"event_type":"$identify","session_id":1795230488321,"user_properties":{"$set":{"plan":"pro"}}}`)
	f(destinationtest.Call(2, "group", "u", map[string]any{"groupId": "g"}),
		`{"event_type":"$identify","groups":{"company":"g"},"user_properties":{"$set":{"company":"g"}}}`)
	f(destinationtest.Call(4, "group", "u", map[string]any{"groupId": "g", "traits": map[string]any{"name": "Initech", "size": nil}}),
		`{"event_type":"$identify","groups":{"company":"g"},"user_properties":{"$set":{"company":"g"}}}`,
		`{"event_type":"$groupidentify","group_properties":{"$set":{"name":"Initech"},"$unset":{"size":"-"}},"groups":{"company":"g"}}`)
	f(destinationtest.Call(5, "identify", "u", map[string]any{"traits": map[string]any{"plan": "pro", "shown": nil}}),
		`{"event_type":"$identify","user_properties":{"$set":{"plan":"pro"},"$unset":{"shown":"-"}}}`)
	f(destinationtest.Call(6, "identify", "u", map[string]any{"traits": map[string]any{"shown": nil}}),
		`{"event_type":"$identify","user_properties":{"$unset":{"shown":"-"}}}`)
	f(destinationtest.Call(3, "page", "u", map[string]any{"name": "Home", "properties": map[string]any{"path": "/"}}),
		`{"event_properties":{"path":"/"},"event_type":"Viewed Home","platform":"Web"}`)
}

// Package amplitude sends calls to Amplitude by its HTTP V2 API. Only package app imports it.
package amplitude

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is an Amplitude project.
type Destination struct{}

var _ destination.Destination = Destination{}

// Bounds of a request: 2000 events, of which a call becomes at most two, and 1 MB are those of the HTTP V2 API; its
// pages advise to stay well below.
const (
	maxCalls = 1000
	maxBytes = 900 << 10
)

var addresses = map[string]string{"us": "https://api2.amplitude.com/2/httpapi", "eu": "https://api.eu.amplitude.com/2/httpapi"}

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "amplitude",
		Title:   "Amplitude",
		Website: "https://amplitude.com/docs/apis/analytics/http-v2",
		Doc: "Track calls, pages and screens become events with the call's properties; `identify` sets user properties, `group` puts the user " +
			"into a group and sets the group's properties (which Amplitude shows with its add-on Accounts). A trait that is null is unset. The " +
			"event id goes along as `insert_id`, by which Amplitude drops repetitions within seven days. `alias` is not sent: Amplitude joins " +
			"the ids of events itself, and its user mapping is for ids of several projects. The shape is fixed, there is no mapping: an insert " +
			"function may change a call's event name, properties and traits before.",
		Types: []string{"track", "page", "screen", "identify", "group"},
		Settings: []destination.Setting{
			{Key: "api_key", Label: "API key", Type: destination.Text, Secret: true, Required: true, Example: "0123456789abcdef0123456789abcdef"},
			{Key: "region", Label: "Data residency", Type: destination.Choice, Choices: []string{"us", "eu"}, Default: "us"},
			{Key: "min_id_length", Label: "Shortest id", Type: destination.Number, Default: "1",
				Doc: "Amplitude refuses ids shorter than five characters unless it is told otherwise."},
			{Key: "group_type", Label: "Group type", Type: destination.Text, Default: "company", Doc: "Under which Amplitude knows groups."},
			{Key: "endpoint", Label: "Endpoint", Type: destination.URL, Example: "https://amplitude-proxy.example.com/2/httpapi", Doc: "In place of Amplitude's own address."},
		},
		Example: destination.Example{
			Call: json.RawMessage(`{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1","event":"Stock Purchased","properties":{"symbol":"ACME"}}`),
			Sent: "POST /2/httpapi\n\n" + `{"api_key":"…","events":[{"event_type":"Stock Purchased","user_id":"u-1","insert_id":"m-1","time":1795255200000,` +
				`"event_properties":{"symbol":"ACME"}}],"options":{"min_id_length":1}}`,
		},
		OneRequest: true,
		Ordered:    true,
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	return &sender{
		url: cmp.Or(s["endpoint"], addresses[s["region"]]), key: s["api_key"], minID: max(1, s.Int("min_id_length")), groupType: s["group_type"],
		client: env.Client, now: env.Now,
	}, nil
}

// sender is an open project; it keeps nothing between requests.
type sender struct {
	url, key  string
	minID     int
	groupType string
	client    *http.Client
	now       func() time.Time
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: maxCalls, Bytes: maxBytes, Wait: time.Second, Parallel: 2}
}

// Send implements [destination.Sender].
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	results := make([]destination.Result, len(messages))
	var events []event
	for i := range messages {
		c, err := messages[i].ReadCall()
		if err == nil && c.Person() == "" {
			err = &destination.Discarded{Code: "invalid_call", Reason: "the call has neither userId nor anonymousId"}
		}
		if err != nil {
			results[i].Err = err
			continue
		}
		events = append(events, s.events(i, c)...)
	}
	s.send(ctx, events, results)
	return results
}

// send sends events together, and returns what became of the last of them. A request that is refused for some
// events, which are named, stores none: it goes again without them. One that is too large goes in halves; the
// second one only if the first need not be tried again, so that their order is kept.
func (s *sender) send(ctx context.Context, events []event, results []destination.Result) destination.Result {
	if len(events) == 0 {
		return destination.Result{}
	}
	answer, r := s.post(ctx, events)
	switch half := len(events) / 2; {
	case answer.Status == http.StatusRequestEntityTooLarge && half > 0:
		if r = s.send(ctx, events[:half], results); !r.Again() {
			return s.send(ctx, events[half:], results)
		}
		events = events[half:]
	case answer.Status == http.StatusBadRequest:
		if rest := refused(events, answer, results); len(rest) < len(events) {
			return s.send(ctx, rest, results)
		}
	}
	for _, e := range events {
		if results[e.message].Err == nil { // of its other event, which is refused
			results[e.message] = r
		}
	}
	return r
}

// refused notes which events the answer names, and returns the others.
func refused(events []event, a destination.Answer, results []destination.Result) (rest []event) {
	var body struct {
		Error        string
		MissingField string           `json:"missing_field"`
		Invalid      map[string][]int `json:"events_with_invalid_fields"`
		Missing      map[string][]int `json:"events_with_missing_fields"`
		Lengths      map[string][]int `json:"events_with_invalid_id_lengths"`
		Silenced     []int            `json:"silenced_events"`
	}
	if json.Unmarshal(a.Body, &body) != nil {
		return events
	}
	bad := map[int]string{}
	for what, fields := range map[string]map[string][]int{"invalid": body.Invalid, "missing": body.Missing, "too short": body.Lengths} {
		for field, indexes := range fields {
			for _, i := range indexes {
				bad[i] = field + " is " + what
			}
		}
	}
	for _, i := range body.Silenced {
		bad[i] = "Amplitude silences events of this device"
	}
	for i, e := range events {
		if why, ok := bad[i]; ok {
			results[e.message].Err = &destination.Discarded{Code: "invalid_event", Reason: destination.Shorten(why)}
		} else {
			rest = append(rest, e)
		}
	}
	return rest
}

func (s *sender) post(ctx context.Context, events []event) (destination.Answer, destination.Result) {
	body, err := json.Marshal(map[string]any{"api_key": s.key, "events": events, "options": map[string]int{"min_id_length": s.minID}})
	if err != nil {
		return destination.Answer{}, destination.Result{Err: &destination.Discarded{Code: "invalid_call", Reason: "the call is no JSON"}}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return destination.Answer{}, destination.Result{Err: &destination.Discarded{Code: "invalid_settings", Reason: "the request cannot be made of the settings"}}
	}
	r.Header.Set("Content-Type", "application/json")
	return destination.Do(s.client, r, s.now())
}

// Test implements [destination.Sender]: an empty list of events is refused for what is missing, after the key
// was looked at.
func (s *sender) Test(ctx context.Context) error {
	answer, r := s.post(ctx, []event{})
	if answer.Status == http.StatusBadRequest && !bytes.Contains(bytes.ToLower(answer.Body), []byte("api_key")) && !bytes.Contains(bytes.ToLower(answer.Body), []byte("api key")) {
		return nil
	}
	return r.Err
}

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

// Package destinationtest holds every destination to the laws of package destination, against a receiver
// that the destination's own test provides: a real server of the place's protocol on this machine. Between
// the two stands a gate of the suite's, which can be shut, hang or break off. It is for tests only.
package destinationtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
)

// Place is a receiver and how it is reached. The suite asks for a new one for every law.
type Place struct {
	Destination destination.Destination
	// Handler is the place where it speaks HTTP; faults of HTTP are then tested, too.
	Handler http.Handler
	// Address is host:port of the place where it speaks anything else; used when Handler is nil.
	Address string
	// Settings make a sender of the place, which is reached at host:port (over plain HTTP).
	Settings func(address string) destination.Settings
	// Arrived returns the event ids of what the place has got, in its order, without those of a Test; an
	// id as often as it counts for the place. It may be called while something arrives.
	Arrived func() []string
	// Once says that the place knows repetitions by the event id: a message sent again does not count twice.
	Once bool
	// Refused changes a message so that the place will never take it, but others sent with it. Nil:
	// there is no such message.
	Refused func(m *destination.Message)
	// Types that the place takes but that leave no event there (identify of a place that only has
	// events): they are sent, and not looked for.
	Silent []string
	// Blind says that the sender's Test cannot ask the place: only code of others knows how.
	Blind bool
	// Dir is where senders may keep files; empty: a new directory.
	Dir string
}

// patience is how long the suite waits for what comes soon.
const patience = 10 * time.Second

// Run tests all laws. place makes a new, empty place; what it starts is stopped by t.Cleanup.
func Run(t *testing.T, place func(t *testing.T) Place) {
	law := func(name string, f func(t *testing.T, r *rig)) {
		t.Run(name, func(t *testing.T) { f(t, newRig(t, place(t))) })
	}
	t.Run("SpecIsWhole", func(t *testing.T) { specIsWhole(t, place(t).Destination.Spec()) })
	law("SettingsPassTheirCheck", settingsPass)
	law("OpenDoesNoIO", openDoesNoIO)
	law("TestTellsUpFromDown", testTells)
	law("EveryMessageArrives", everyMessageArrives)
	law("NothingIsSentForNothing", nothingForNothing)
	law("EveryTypeHasAResult", everyType)
	law("OddCallsHaveAResult", oddCalls)
	law("OrderIsKept", orderIsKept)
	law("RepetitionIsHarmless", repetition)
	law("ARefusedMessageStopsNoOther", refused)
	law("ADeadPlaceIsTriedAgain", deadPlace)
	law("AHangingPlaceObeysContext", hangingPlace)
	law("ABrokenAnswerIsTriedAgain", brokenAnswer)
	law("SendsMayRunAtOnce", sendsAtOnce)
	law("CloseIsCalm", closeIsCalm)
	if place(t).Handler == nil {
		return
	}
	law("StatusDecides", statusDecides)
	law("RetryAfterIsTold", retryAfter)
	law("AnEndlessAnswerEnds", endlessAnswer)
	law("LongAnswersAreShortened", longAnswer)
	law("AMessageIsOneRequest", oneRequest)
}

// rig is a place behind a gate, with an open sender.
type rig struct {
	Place
	t      *testing.T
	gate   *gate
	fault  *fault // of HTTP; nil for other protocols
	sender destination.Sender
}

func newRig(t *testing.T, p Place) *rig {
	t.Helper()
	r := &rig{Place: p, t: t}
	address := p.Address
	if p.Handler != nil {
		r.fault = &fault{next: p.Handler}
		server := httptest.NewServer(r.fault)
		t.Cleanup(server.Close)
		address = server.Listener.Addr().String()
	}
	r.gate = newGate(t, address)
	r.sender = r.open()
	return r
}

// settings are those of the place behind the gate, checked.
func (r *rig) settings() destination.Settings {
	r.t.Helper()
	spec := r.Destination.Spec()
	s, err := spec.Check(r.Settings(r.gate.address()))
	if err != nil {
		r.t.Fatalf("settings do not pass the spec's check: %v", err)
	}
	return s
}

func (r *rig) open() destination.Sender {
	r.t.Helper()
	s, err := r.Destination.Open(r.settings(), r.env())
	if err != nil {
		r.t.Fatalf("open: %v", err)
	}
	r.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (r *rig) env() destination.Env {
	dir := r.Dir
	if dir == "" {
		dir = filepath.Join(r.t.TempDir(), "instance")
	}
	return Env(r.t, dir)
}

// send sends in batches no larger than the sender wants, and returns all results.
func (r *rig) send(messages ...destination.Message) []destination.Result {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 6*patience)
	defer cancel()
	return r.sendContext(ctx, messages...)
}

func (r *rig) sendContext(ctx context.Context, messages ...destination.Message) []destination.Result {
	r.t.Helper()
	var all []destination.Result
	for chunk := range slices.Chunk(messages, max(1, r.sender.Batch().Messages)) {
		got := r.sender.Send(ctx, slices.Clone(chunk))
		if len(got) != len(chunk) {
			r.t.Fatalf("Send of %d messages returned %d results", len(chunk), len(got))
		}
		all = append(all, got...)
	}
	return all
}

// deliver sends what must be delivered.
func (r *rig) deliver(messages ...destination.Message) {
	r.t.Helper()
	for i, result := range r.send(messages...) {
		if result.Err != nil {
			r.t.Fatalf("message %d of %d (%s) is not delivered: %v", i, len(messages), messages[i].Event.SourceEvent, result.Err)
		}
	}
}

// arrive waits until the ids that are wanted have arrived, and returns all ids.
func (r *rig) arrive(want ...string) []string {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := r.Arrived()
		missing := slices.IndexFunc(want, func(id string) bool { return !slices.Contains(got, id) })
		if missing < 0 {
			return got
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s did not arrive; got %q", want[missing], got)
		}
		time.Sleep(time.Millisecond)
	}
}

// retried fails unless every result is an error to be tried again.
func (r *rig) retried(what string, results []destination.Result) {
	r.t.Helper()
	for i, result := range results {
		var discarded *destination.Discarded
		switch {
		case result.Err == nil:
			r.t.Errorf("%s: message %d counts as delivered; want an error", what, i)
		case errors.As(result.Err, &discarded):
			r.t.Errorf("%s: message %d is discarded (%v); want it tried again", what, i, result.Err)
		}
	}
}

// unavailable fails unless every result says that the fault is the place's.
func (r *rig) unavailable(what string, results []destination.Result) {
	r.t.Helper()
	r.retried(what, results)
	for i, result := range results {
		if result.Err != nil && !errors.Is(result.Err, destination.ErrUnavailable) {
			r.t.Errorf("%s: error of message %d does not wrap ErrUnavailable: %v", what, i, result.Err)
		}
	}
}

// types are the call types that are sent to the place.
func (r *rig) types() []string {
	if types := r.Destination.Spec().Types; len(types) > 0 {
		return types
	}
	return []string{"track", "identify", "page", "screen", "group", "alias"}
}

// Track returns a message of a track call as package deliver makes it: with ids, a time, properties of
// every JSON type and the row that it became. Tests of destinations may use it, too.
func Track(n int, person string) destination.Message {
	return Call(n, "track", person, map[string]any{
		"event": "Stock Purchased",
		"properties": map[string]any{"symbol": "ACME", "amount": 12.5, "count": n, "first": n == 1, "note": nil,
			"tags": []any{"a", "b"}, "nested": map[string]any{"deep": "value"}, "conversationId": "c-" + person},
	})
}

// Call returns a message of a type. The n-th has the event id "evt-n" and is n seconds later than the first.
func Call(n int, kind, person string, fields map[string]any) destination.Message {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	id := fmt.Sprintf("evt-%06d", n)
	call := map[string]any{
		"type": kind, "messageId": id, "userId": person, "anonymousId": "anon-" + person,
		"timestamp": at.Format("2006-01-02T15:04:05.000Z"), "context": map[string]any{"library": map[string]any{"name": "test", "version": "1"}},
	}
	for key, value := range fields {
		call[key] = value
	}
	text, err := json.Marshal(call)
	if err != nil {
		panic(fmt.Sprintf("BUG: fields of a call are no JSON: %v", err))
	}
	name, _ := call["event"].(string)
	if name == "" {
		name = kind
	}
	row := &event.Event{
		ID: id, Workspace: "default", Source: "src_test", Vocabulary: "segment", SourceEvent: name, OccurredAt: at, OriginalAt: at, SentAt: at,
		ReceivedAt: at, RequestSeq: int64(n), UserID: person, AnonymousID: "anon-" + person,
		Kind: event.KindProduct, Action: "tracked", Raw: text,
	}
	if properties, ok := call["properties"]; ok {
		row.Properties, _ = json.Marshal(properties)
	}
	switch kind {
	case "identify", "group", "alias":
		row.Kind, row.Action = event.KindIdentity, map[string]string{"identify": "identified", "group": "grouped", "alias": "aliased"}[kind]
	case "page", "screen":
		row.Action = "viewed"
	}
	return destination.Message{ID: id, Call: text, Event: row, Attempt: 1}
}

// everyKind returns a call of each type, numbered from n.
func everyKind(n int) map[string]destination.Message {
	out := map[string]destination.Message{
		"track":    Track(n, "u-1"),
		"identify": Call(n+1, "identify", "u-1", map[string]any{"traits": map[string]any{"email": "ada@example.com", "plan": "pro", "age": 36}}),
		"page":     Call(n+2, "page", "u-1", map[string]any{"name": "Home", "properties": map[string]any{"url": "https://example.com/", "path": "/"}}),
		"screen":   Call(n+3, "screen", "u-1", map[string]any{"name": "Home", "properties": map[string]any{}}),
		"group":    Call(n+4, "group", "u-1", map[string]any{"groupId": "g-1", "traits": map[string]any{"name": "Initech", "employees": 7}}),
		"alias":    Call(n+5, "alias", "u-1", map[string]any{"previousId": "anon-u-1"}),
		"span":     Call(n+6, "span", "u-1", map[string]any{"name": "chat"}),
		"log":      Call(n+7, "log", "u-1", map[string]any{"name": "event"}),
	}
	return out
}

// together runs f in n goroutines and waits for them.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// secrets are the values of a place's secret settings that are long enough to be told from other text.
func (r *rig) secrets() []string {
	var all []string
	settings := r.settings()
	for _, s := range r.Destination.Spec().Settings {
		if v := settings[s.Key]; s.Secret && len(v) >= 8 && !strings.HasPrefix(v, "http") {
			all = append(all, v)
		}
	}
	return all
}

package destinationtest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	keyForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func specIsWhole(t *testing.T, s destination.Spec) {
	if !nameForm.MatchString(s.Name) {
		t.Errorf("name %q is not one word in lower case", s.Name)
	}
	for what, text := range map[string]string{"title": s.Title, "doc": s.Doc, "website": s.Website, "what the example sends": s.Example.Sent} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("the spec has no %s", what)
		}
	}
	var call struct{ Type, MessageID string }
	if err := json.Unmarshal(s.Example.Call, &call); err != nil || call.Type == "" || call.MessageID == "" {
		t.Errorf("the example's call is no call with type and messageId: %v: %s", err, s.Example.Call)
	}
	if s.Mapping != nil && !json.Valid(s.Mapping) {
		t.Errorf("the mapping is no JSON: %s", s.Mapping)
	}
	known := []string{"track", "identify", "page", "screen", "group", "alias", "span", "log"}
	for _, kind := range s.Types {
		if !slices.Contains(known, kind) {
			t.Errorf("type %q is no call type", kind)
		}
	}
	seen := map[string]bool{}
	for _, setting := range s.Settings {
		settingIsWhole(t, s, setting, seen[setting.Key])
		seen[setting.Key] = true
	}
}

func settingIsWhole(t *testing.T, s destination.Spec, setting destination.Setting, seen bool) {
	if !keyForm.MatchString(setting.Key) || seen {
		t.Errorf("setting %q: the key is not in snake_case, or comes twice", setting.Key)
	}
	if setting.Label == "" {
		t.Errorf("setting %q has no label", setting.Key)
	}
	if setting.Secret && setting.Default != "" {
		t.Errorf("setting %q is secret and has a default", setting.Key)
	}
	if (setting.Type == destination.Choice) != (len(setting.Choices) > 0) {
		t.Errorf("setting %q: choices and type %s do not fit", setting.Key, setting.Type)
	}
	only := destination.Spec{Name: s.Name, Settings: []destination.Setting{setting}}
	for _, value := range []string{setting.Default, setting.Example} {
		if value == "" {
			continue
		}
		if _, err := only.Check(destination.Settings{setting.Key: value}); err != nil {
			t.Errorf("default or example %q does not pass: %v", value, err)
		}
	}
}

func settingsPass(t *testing.T, r *rig) {
	spec := r.Destination.Spec()
	given := r.Settings(r.gate.address())
	for _, s := range spec.Settings {
		if !s.Required || s.Default != "" {
			continue
		}
		less := destination.Settings{}
		for key, value := range given {
			if key != s.Key {
				less[key] = value
			}
		}
		_, err := spec.Check(less)
		var invalid *destination.InvalidSettings
		if !errors.As(err, &invalid) || invalid.Key != s.Key {
			t.Errorf("without %s: got %v, want a fault of it", s.Key, err)
		}
	}
	given["no_such_setting"] = "x"
	if _, err := spec.Check(given); err == nil {
		t.Error("a setting that does not exist passes")
	}
}

func openDoesNoIO(t *testing.T, r *rig) {
	r.gate.set(hang)
	begin := time.Now()
	if err := r.open().Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if took := time.Since(begin); took > patience/4 {
		t.Errorf("open and close took %v while the place hangs", took)
	}
	select {
	case <-r.gate.heard:
		t.Error("open sent something")
	default:
	}
}

func testTells(t *testing.T, r *rig) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := r.sender.Test(ctx); err != nil {
		t.Errorf("the place is up: %v", err)
	}
	r.gate.set(shut)
	err := r.sender.Test(ctx)
	if err == nil && !r.Blind {
		t.Fatal("the place is down, and Test says nothing")
	}
	for _, secret := range r.secrets() {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds a secret: %v", err)
		}
	}
	r.gate.set(open)
	if err := r.sender.Test(ctx); err != nil {
		t.Errorf("the place is up again: %v", err)
	}
	if got := r.Arrived(); len(got) > 0 {
		t.Errorf("Test left %q", got)
	}
}

func everyMessageArrives(t *testing.T, r *rig) {
	var messages []destination.Message
	var ids []string
	for n := range 3*min(max(1, r.sender.Batch().Messages), 50) + 1 {
		messages = append(messages, Track(n+1, "u-1"))
		ids = append(ids, messages[n].ID)
	}
	r.deliver(messages...)
	if got := r.arrive(ids...); len(got) != len(ids) {
		t.Errorf("%d messages arrived, want %d: %q", len(got), len(ids), got)
	}
}

func nothingForNothing(t *testing.T, r *rig) {
	if got := r.sender.Send(t.Context(), nil); len(got) != 0 {
		t.Errorf("no messages have %d results", len(got))
	}
	if got := r.Arrived(); len(got) != 0 {
		t.Errorf("no messages, and %q arrived", got)
	}
}

func everyType(t *testing.T, r *rig) {
	calls := everyKind(1)
	var want []string
	for _, kind := range r.types() {
		m := calls[kind]
		r.deliver(m)
		if !slices.Contains(r.Silent, kind) {
			want = append(want, m.ID)
		}
	}
	r.arrive(want...)
}

// oddCalls sends what clients send: each has a result, and what follows arrives.
func oddCalls(t *testing.T, r *rig) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	odd := []map[string]any{
		{"event": "", "properties": nil},
		{"event": strings.Repeat("long ", 400), "properties": map[string]any{"": "empty key", "a b": 1, "a.b": 2, "$x": 3, "select": 4, `q"uo'te`: 5}},
		{"event": "Odd", "properties": map[string]any{"big": json.RawMessage("123456789012345678901234567890"), "tiny": json.RawMessage("1e-400"), "neg": json.RawMessage("-0")}},
		{"event": "Odd", "properties": map[string]any{"deep": json.RawMessage(deep)}},
		{"event": "Odd", "properties": map[string]any{"nul": "a\x00b", "emoji": "📈\u2028", "text": strings.Repeat("é", 100_000)}},
		{"event": "Odd", "properties": map[string]any{"amount": "not a number", "count": map[string]any{"x": 1}, "first": []any{1, "2", nil}}},
		{"event": "Odd", "userId": nil, "anonymousId": "only-anonymous"},
		{"event": "Odd", "properties": map[string]any{}, "context": nil, "integrations": map[string]any{"All": false}},
		{"event": "Odd", "properties": json.RawMessage(`{"a":1,"A":2,"Amount":3,"amount":4}`)},
	}
	messages := []destination.Message{Track(1, "u-1")}
	for i, fields := range odd {
		messages = append(messages, Call(i+2, "track", "u-1", fields))
	}
	messages = append(messages, Call(50, "identify", "u-1", map[string]any{"traits": nil}), Call(51, "page", "u-1", nil),
		Call(52, "group", "u-1", nil), Call(53, "alias", "u-1", nil))
	for i, result := range r.send(messages...) {
		var discarded *destination.Discarded
		if result.Err != nil && !errors.As(result.Err, &discarded) {
			t.Errorf("call %d is tried again, for ever: %v", i, result.Err)
		}
	}
	last := Track(99, "u-1")
	r.deliver(last)
	r.arrive(messages[0].ID, last.ID)
}

func orderIsKept(t *testing.T, r *rig) {
	if !r.Destination.Spec().Ordered {
		return
	}
	var messages []destination.Message
	var want []string
	for n := range 20 {
		messages = append(messages, Track(n+1, "u-1"))
		want = append(want, messages[n].ID)
	}
	r.deliver(messages...)
	if got := r.arrive(want...); !slices.Equal(got, want) {
		t.Errorf("arrived in the order %q, sent in that of %q", got, want)
	}
}

func repetition(t *testing.T, r *rig) {
	a, b := Track(1, "u-1"), Track(2, "u-1")
	r.deliver(a, b)
	a.Attempt, b.Attempt = 2, 2
	r.deliver(a, b)
	again := r.open() // another sender knows nothing of what the first one sent
	for _, result := range again.Send(t.Context(), []destination.Message{a}) {
		if result.Err != nil {
			t.Errorf("sent again by another sender: %v", result.Err)
		}
	}
	if got := r.arrive(a.ID, b.ID); r.Once && len(got) != 2 {
		t.Errorf("got %q, want each once", got)
	}
}

func refused(t *testing.T, r *rig) {
	if r.Refused == nil {
		return
	}
	messages := []destination.Message{Track(1, "u-1"), Track(2, "u-2"), Track(3, "u-3")}
	r.Refused(&messages[1])
	results := r.send(messages...)
	var discarded *destination.Discarded
	if err := results[1].Err; !errors.As(err, &discarded) || discarded.Code == "" {
		t.Errorf("the refused message: got %v, want it discarded, with a code", err)
	}
	for _, i := range []int{0, 2} {
		if results[i].Err == nil {
			continue
		}
		if errors.As(results[i].Err, &discarded) {
			t.Fatalf("message %d was sent with a refused one, and is discarded: %v", i, results[i].Err)
		}
		r.deliver(messages[i]) // to be tried again: fine
	}
	if got := r.arrive(messages[0].ID, messages[2].ID); slices.Contains(got, messages[1].ID) {
		t.Errorf("the refused message arrived: %q", got)
	}
}

func deadPlace(t *testing.T, r *rig) {
	before, during := Track(1, "u-1"), Track(2, "u-1")
	r.deliver(before)
	r.gate.set(shut)
	r.unavailable("the place is down", r.send(during))
	r.gate.set(open)
	during.Attempt++
	r.deliver(during) // by the same sender
	r.arrive(before.ID, during.ID)
}

func hangingPlace(t *testing.T, r *rig) {
	r.gate.set(hang)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []destination.Result)
	m := Track(1, "u-1")
	go func() { done <- r.sender.Send(ctx, []destination.Message{m}) }()
	select {
	case <-r.gate.heard:
	case <-time.After(patience / 2): // of a place that speaks first
	}
	cancel()
	select {
	case results := <-done:
		r.retried("cut short", results)
	case <-time.After(patience):
		t.Fatal("Send does not end with its context")
	}
	r.gate.set(open)
	r.deliver(m)
	r.arrive(m.ID)
}

func brokenAnswer(_ *testing.T, r *rig) {
	m := Track(1, "u-1")
	r.gate.set(mute)
	r.retried("the answer was cut off", r.send(m))
	r.gate.set(open)
	r.deliver(m)
	r.arrive(m.ID)
}

func sendsAtOnce(t *testing.T, r *rig) {
	const each = 5
	n := max(1, r.sender.Batch().Parallel)
	results := make([][]destination.Result, n)
	var ids []string
	for i := range n * each {
		ids = append(ids, Track(i+1, "u").ID)
	}
	together(n, func(i int) {
		for k := range each {
			person := "u-" + string(rune('a'+i))
			results[i] = append(results[i], r.sender.Send(t.Context(), []destination.Message{Track(i*each+k+1, person)})...)
		}
	})
	for _, result := range slices.Concat(results...) {
		if result.Err != nil {
			t.Fatalf("%d senders at once: %v", n, result.Err)
		}
	}
	r.arrive(ids...)
}

func closeIsCalm(t *testing.T, r *rig) {
	r.deliver(Track(1, "u-1"))
	if err := r.sender.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := r.open().Close(); err != nil {
		t.Errorf("close of a sender that sent nothing: %v", err)
	}
}

func statusDecides(t *testing.T, r *rig) {
	m := Track(1, "u-1")
	for _, code := range []int{408, 429, 500, 502, 503, 504} {
		r.fault.set(status(code))
		r.retried(http.StatusText(code), r.send(m))
	}
	for _, code := range []int{401, 403, 302} {
		r.fault.set(status(code, "Location", "http://127.0.0.1:9/"))
		r.unavailable(http.StatusText(code), r.send(m))
	}
	for _, code := range []int{400, 413, 422} {
		r.fault.set(status(code))
		var discarded *destination.Discarded
		if err := r.send(m)[0].Err; !errors.As(err, &discarded) {
			t.Errorf("status %d: got %v, want it discarded", code, err)
		}
	}
	r.fault.set(nil)
	r.deliver(m)
	r.arrive(m.ID)
}

func retryAfter(t *testing.T, r *rig) {
	r.fault.set(status(http.StatusTooManyRequests, "Retry-After", "7"))
	results := r.send(Track(1, "u-1"))
	r.retried("429", results)
	if got := results[0].RetryAfter; got != 7*time.Second {
		t.Errorf("Retry-After: 7 is told as %v", got)
	}
}

// endlessAnswer may end as delivered or not: the place took the call and went on talking.
func endlessAnswer(t *testing.T, r *rig) {
	r.fault.set(endless)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.send(Track(1, "u-1"))
	}()
	select {
	case <-done:
	case <-time.After(2 * patience):
		t.Fatal("Send goes on reading")
	}
}

func longAnswer(t *testing.T, r *rig) {
	r.fault.set(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(strings.Repeat("so much to say ", 10_000)))
	})
	const words = 200 // of our own around the place's
	for _, result := range r.send(Track(1, "u-1")) {
		if text := result.Err.Error(); len(text) > destination.MaxReason+words {
			t.Errorf("the error has %d bytes: %.80s…", len(text), text)
		}
	}
}

func oneRequest(t *testing.T, r *rig) {
	if !r.Destination.Spec().OneRequest {
		return
	}
	requests := 0
	r.fault.set(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for kind, m := range everyKind(1) {
		if !slices.Contains(r.types(), kind) {
			continue
		}
		requests = 0
		if r.send(m); requests != 1 {
			t.Errorf("a message of type %s is %d requests", kind, requests)
		}
	}
}

package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
)

// oneKey is the sources of a workspace with one write key.
type oneKey string

func (k oneKey) Lookup(key string) (Source, error) {
	if key != string(k) {
		return Source{}, ErrUnknownKey
	}
	return Source{ID: "app", Workspace: "default", Enabled: true}, nil
}

// send stores calls through an intake as a door does, and returns what the log holds and the failure.
func send(t *testing.T, limits Limits, key string, calls ...event.Raw) (event.Request, *Failure) {
	t.Helper()
	log := memlog.New(0)
	defer log.Close()
	in, err := NewIntake(IntakeConfig{Protocol: "test", Sources: oneKey("k"), Log: log, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader("body"))
	r.Header.Set("Authorization", "Bearer "+key)
	v, f := in.Visit(r)
	if f != nil {
		t.Fatal(f)
	}
	defer v.Close()
	if text, f := v.Read(); f != nil || string(text) != "body" {
		t.Fatalf("read %q, %v", text, f)
	}
	if f := v.Authenticate(); f != nil {
		return event.Request{}, f
	}
	if f := v.Store(calls); f != nil {
		return event.Request{}, f
	}
	rec, ok, err := log.Reader(0).TryNext()
	if err != nil || !ok {
		t.Fatalf("nothing in the log: %v", err)
	}
	req, err := event.DecodeRequest(rec.Data)
	if err != nil {
		t.Fatal(err)
	}
	return req, nil
}

func TestIntakeStoresWhatItCanAndSaysWhatNot(t *testing.T) {
	good := Call{Type: "track", Event: "A", UserID: "u", Extra: map[string]json.RawMessage{"event": []byte(`"B"`), "more": []byte(`1`)}}
	raw, err := good.Raw()
	if err != nil {
		t.Fatal(err)
	}
	req, f := send(t, Limits{EventBytes: 100, MessageIDChars: 5}, "k",
		raw,
		event.Raw{ID: "123456", Type: "track", JSON: []byte(`{}`)},
		event.Raw{ID: "1", Type: "track", JSON: []byte(`{"a":"` + strings.Repeat("x", 100) + `"}`)},
		event.Raw{ID: "2", Type: "track", JSON: []byte(`[1]`)},
		event.Raw{ID: "3", Type: "track", JSON: []byte("{\"a\":\"\xff\"}")},
		event.Raw{Type: "track", Reject: &event.Reject{Code: "own"}},
	)
	if f != nil {
		t.Fatal(f)
	}
	if req.Source != "app" || req.Protocol != "test" || req.ReceivedAt.IsZero() || len(req.Calls) != 6 {
		t.Fatalf("got %+v", req)
	}
	if c := req.Calls[0]; c.Reject != nil || len(c.ID) != 36 || string(c.JSON) != `{"type":"track","event":"A","userId":"u","more":1}` {
		t.Errorf("good call: id %q, %s, %v", c.ID, c.JSON, c.Reject)
	}
	for i, want := range []string{"", "too_long_message_id", "payload_too_large", "invalid_event", "", "own"} {
		got := ""
		if req.Calls[i].Reject != nil {
			got = req.Calls[i].Reject.Code
		}
		if got != want {
			t.Errorf("call %d is refused with %q, want %q", i, got, want)
		}
	}
	if c := req.Calls[4]; string(c.JSON) != "{\"a\":\"\ufffd\"}" || len(c.Repairs) != 1 {
		t.Errorf("text that is not UTF-8: %s, %v", c.JSON, c.Repairs)
	}
}

func TestIntakeRefusesUnknownKeys(t *testing.T) {
	if _, f := send(t, Limits{}, "other"); f == nil || f.Status != http.StatusUnauthorized {
		t.Errorf("got %v, want 401", f)
	}
}

func TestCallBeyondABoundIsRefused(t *testing.T) {
	in, err := NewIntake(IntakeConfig{Protocol: "test", Sources: oneKey("k"), Log: memlog.New(0), Limits: Limits{IDChars: 3}})
	if err != nil {
		t.Fatal(err)
	}
	v := &Visit{in: in}
	if c := v.Call(&Call{Type: "track", UserID: "four"}); c.Reject == nil || c.Reject.Code != "too_long_user_id" {
		t.Errorf("got %+v", c.Reject)
	}
	if c := v.Call(&Call{Type: "track", Properties: []byte(`{`)}); c.Reject == nil || c.Reject.Code != "invalid_event" {
		t.Errorf("got %+v", c.Reject)
	}
}

// brokenLog takes nothing.
type brokenLog struct{}

func (brokenLog) Append(context.Context, []byte) (eventlog.Position, error) {
	return 0, errors.New("disk is gone")
}

func TestIntakeRefusesWhileTheLogIsBroken(t *testing.T) {
	in, err := NewIntake(IntakeConfig{Protocol: "test", Sources: oneKey("k"), Log: brokenLog{}})
	if err != nil {
		t.Fatal(err)
	}
	v, f := in.Visit(httptest.NewRequest(http.MethodPost, "/x", nil))
	if f != nil {
		t.Fatal(f)
	}
	if f := v.Store([]event.Raw{{ID: "1", JSON: []byte(`{}`)}}); f == nil || f.Status != http.StatusTooManyRequests {
		t.Errorf("got %v, want 429", f)
	}
	v.Close()
	if _, f := in.Visit(httptest.NewRequest(http.MethodPost, "/x", nil)); f == nil || f.Code != "log_unavailable" {
		t.Errorf("the next request is let in: %v", f)
	}
}

package destinationtest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Env is as the server gives it: no redirects, ten seconds a request. Files are kept in dir.
func Env(t testing.TB, dir string) destination.Env {
	dialer := &net.Dialer{Timeout: patience}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return destination.Env{
		Client: &http.Client{
			Transport: transport, Timeout: patience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Dial: dialer.DialContext,
		Now:  time.Now,
		ID:   "dst_test",
		Dir:  func() (string, error) { return dir, nil },
	}
}

// Open opens a sender by settings that pass the spec's check. It is closed at the end of the test.
func Open(t testing.TB, d destination.Destination, given destination.Settings) destination.Sender {
	t.Helper()
	s, err := tryOpen(d, given, Env(t, t.TempDir()))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func tryOpen(d destination.Destination, given destination.Settings, env destination.Env) (destination.Sender, error) {
	spec := d.Spec()
	settings, err := spec.Check(given)
	if err != nil {
		return nil, err
	}
	return d.Open(settings, env)
}

// Serve runs a receiver of HTTP until the end of the test, and returns its URL.
func Serve(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// Refused returns a check that a destination refuses a setting of a value among others that are right, with a fault of
// that setting which does not quote a value of some length.
func Refused(t *testing.T, d destination.Destination, right destination.Settings) func(key, value string) {
	return func(key, value string) {
		t.Helper()
		given := destination.Settings{key: value}
		for other, v := range right {
			if other != key {
				given[other] = v
			}
		}
		_, err := tryOpen(d, given, destination.Env{})
		if err == nil || !strings.HasPrefix(err.Error(), key+": ") || len(value) > 8 && strings.Contains(err.Error(), value) {
			t.Errorf("%s %q: got %v, want a fault of it that does not quote it", key, value, err)
		}
	}
}

// Deliver sends messages, all of which must be delivered.
func Deliver(t testing.TB, s destination.Sender, messages ...destination.Message) {
	t.Helper()
	for i, r := range s.Send(t.Context(), messages) {
		if r.Err != nil {
			t.Fatalf("message %d: %v", i, r.Err)
		}
	}
}

// Event returns the n-th message: a track call of an event with properties, written as JSON.
func Event(n int, event, properties string) destination.Message {
	return Call(n, "track", "u", map[string]any{"event": event, "properties": json.RawMessage(properties)})
}

// At changes when a message's call happened.
func At(m *destination.Message, at time.Time) {
	row := *m.Event
	row.OccurredAt = at
	m.Event = &row
}

// Pick leaves of rows the columns that are asked for.
func Pick(rows []map[string]any, columns ...string) []map[string]any {
	for _, r := range rows {
		for name := range r {
			if !slices.Contains(columns, name) {
				delete(r, name)
			}
		}
	}
	return rows
}

package destination

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestCheckFillsDefaultsAndJoinsFaults(t *testing.T) {
	spec := Spec{Name: "x", Settings: []Setting{
		{Key: "url", Type: URL, Required: true}, {Key: "n", Type: Number, Default: "3"}, {Key: "on", Type: Boolean},
		{Key: "how", Type: Choice, Choices: []string{"a", "b"}}, {Key: "headers", Type: Map},
	}}
	s, err := spec.Check(Settings{"url": " https://example.com/x ", "headers": "A: 1\n\n b : c:d "})
	if err != nil || s["url"] != "https://example.com/x" || s.Int("n") != 3 || s.Bool("on") || len(s) != 5 {
		t.Errorf("got %q, %v", s, err)
	}
	if p := s.Pairs("headers"); len(p) != 2 || p[1] != (Pair{"b", "c:d"}) {
		t.Errorf("pairs %q", p)
	}
	_, err = spec.Check(Settings{"n": "-1", "on": "yes", "how": "c", "headers": "A: 1\nA: 2", "other": "x"})
	for _, key := range []string{"url", "n", "on", "how", "headers", "other"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+key+": ") {
			t.Errorf("no fault of %s in: %v", key, err)
		}
	}
}

func TestStatusDecidesWhatBecomesOfAMessage(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	f := func(status int, want string, retryAfter string, wait time.Duration) {
		t.Helper()
		a := Answer{Status: status, Header: http.Header{"Retry-After": {retryAfter}}, Body: []byte("so\n it is")}
		r := a.Result(now)
		got := "retry"
		var discarded *Discarded
		switch {
		case r.Err == nil:
			got = "delivered"
		case errors.As(r.Err, &discarded):
			got = "discarded"
		case errors.Is(r.Err, ErrUnavailable):
			got = "unavailable"
		}
		if got != want || r.RetryAfter != wait {
			t.Errorf("%d, Retry-After %q: got %s and %v (%v), want %s and %v", status, retryAfter, got, r.RetryAfter, r.Err, want, wait)
		}
	}
	f(204, "delivered", "5", 0)
	f(307, "unavailable", "", 0)
	f(400, "discarded", "5", 0)
	f(401, "unavailable", "", 0)
	f(408, "retry", "", 0)
	f(413, "discarded", "", 0)
	f(429, "unavailable", "30", 30*time.Second)
	f(429, "unavailable", "Sat, 21 Nov 2026 10:02:00 GMT", 2*time.Minute)
	f(429, "unavailable", "Sat, 21 Nov 2026 09:00:00 GMT", 0)
	f(429, "unavailable", "-1", 0)
	f(429, "unavailable", "999999", maxRetryAfter)
	f(500, "retry", "soon", 0)
	f(501, "discarded", "", 0)
	f(503, "unavailable", "1", time.Second)
}

func TestErrorsOfRequestsHideTheirAddress(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/T0/s3cret?key=s3cret", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	_, result := Do(server.Client(), r, time.Now())
	if !errors.Is(result.Err, ErrUnavailable) || strings.Contains(result.Err.Error(), "s3cret") {
		t.Errorf("got %v, want an error that wraps ErrUnavailable and has no path", result.Err)
	}
}

func TestShortenMakesOneLineOfValidText(t *testing.T) {
	if got := Shorten(" a\n\tb\xff "); got != "a b" {
		t.Errorf("got %q", got)
	}
	if got := Shorten(strings.Repeat("é", 100_000)); len(got) > MaxReason || !strings.HasSuffix(got, "é…") {
		t.Errorf("%d bytes, ends in %q", len(got), got[len(got)-4:])
	}
}

func TestSplitSendsHalvesInOrderUntilTheBadOnesAreAlone(t *testing.T) {
	var sent []string
	send := func(messages []Message) Result {
		for i := range messages {
			if messages[i].ID == "bad" {
				return Result{Err: &Discarded{Code: "400"}}
			}
		}
		for i := range messages {
			sent = append(sent, messages[i].ID)
		}
		return Result{}
	}
	messages := []Message{{ID: "1"}, {ID: "2"}, {ID: "bad"}, {ID: "4"}, {ID: "5"}}
	for i, r := range Split(messages, send, "413", "400") {
		if (r.Err != nil) != (i == 2) {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	if got := strings.Join(sent, " "); got != "1 2 4 5" {
		t.Errorf("sent %s", got)
	}
	if sent = nil; Split(messages, send, "413")[0].Err == nil || len(sent) > 0 {
		t.Error("split for a code that was not asked for")
	}
	if Split(nil, send) != nil {
		t.Error("nothing has results")
	}
}

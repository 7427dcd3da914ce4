package api

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// listen opens the live tail and returns what reads its frames; blank lines end one.
func listen(t *testing.T, a *running, params, last string) func() string {
	t.Helper()
	req := a.request(t, http.MethodGet, "/api/v1/live"+params, "")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if typ := res.Header.Get("Content-Type"); typ != "text/event-stream" {
		t.Fatalf("got %s %s", res.Status, typ)
	}
	r := bufio.NewReader(res.Body)
	next := func() string {
		t.Helper()
		var frame strings.Builder
		for {
			line, err := r.ReadString('\n')
			if err == io.EOF {
				return "end"
			}
			if err != nil {
				t.Fatal(err)
			}
			if line == "\n" {
				return frame.String()
			}
			frame.WriteString(line)
		}
	}
	if got := next(); got != ": connected\n" {
		t.Fatalf("first frame: %q", got)
	}
	return next
}

func TestLiveTailsWhatComesIn(t *testing.T) {
	a := start(t)
	all := listen(t, a, "", "")
	web := listen(t, a, "?source=src_web", "")
	one := listen(t, a, "?conversation_id=c1", "")
	f := &a.mem.feed
	f.publish(FeedItem{Event: &event.Event{ID: "e-1", Source: "src_app", OccurredAt: noon, ReceivedAt: noon, Raw: json.RawMessage(`{}`)}})
	f.publish(FeedItem{Rejection: &Rejection{ID: "r", Source: "src_web", ReceivedAt: noon, Code: "x"}})
	f.publish(FeedItem{Event: &event.Event{ID: "e-2", Source: "src_web", ConversationID: "c1", OccurredAt: noon, ReceivedAt: noon, Body: new("a\nb")}})
	f.publish(FeedItem{Missed: 7})
	want := func(next func() string, prefix, has string) {
		t.Helper()
		got := next()
		if !strings.HasPrefix(got, prefix) || !strings.Contains(got, has) {
			t.Errorf("got %q, want %q with %q", got, prefix, has)
		}
		if strings.Contains(got, `"raw"`) || strings.Count(got, "\n") > 3 {
			t.Errorf("frame carries a raw call or breaks lines: %q", got)
		}
	}
	want(all, "id: 1\nevent: event\n", `"e-1"`)
	want(all, "id: 2\nevent: rejection\n", `"code":"x"`)
	want(all, "id: 3\nevent: event\n", `"body":"a\nb"`)
	want(all, "id: 4\nevent: missed\n", `{"count":7}`)
	want(web, "id: 2\n", "rejection")
	want(web, "id: 3\n", "e-2")
	want(one, "id: 3\n", "e-2")
	want(listen(t, a, "", "2"), "id: 3\n", "e-2")
	f.stop()
	if got := all(); got != "end" {
		t.Errorf("after the feed has ended: got %q", got)
	}
	a.refused(t, http.MethodGet, "/api/v1/live?speed=1", "", http.StatusBadRequest, "unknown_parameter")
}

func TestLiveSaysThatItIsAlive(t *testing.T) {
	a := start(t, func(c *Config) { c.Heartbeat = time.Millisecond })
	if got := listen(t, a, "", "")(); got != ": alive\n" {
		t.Errorf("got %q", got)
	}
}

func TestLiveTailsAreBounded(t *testing.T) {
	a := start(t, func(c *Config) { c.Tails = 1 })
	listen(t, a, "", "")
	a.refused(t, http.MethodGet, "/api/v1/live", "", http.StatusServiceUnavailable, "busy")
}

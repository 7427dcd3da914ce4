package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/debrief-dev/debrief/internal/config"
)

const (
	testKey   = "wk_test"
	testToken = "token-for-tests-0123456789"
)

func TestMain(m *testing.M) {
	http.DefaultClient.Timeout = time.Minute // a request that hangs fails its own test
	m.Run()
}

// server is a whole server that a test talks to over HTTP.
type server struct {
	*App
	t *testing.T
}

// start runs a server on a directory. It stops with the test, unless the test stops it before.
func start(t *testing.T, dir string, change func(*Config)) *server {
	t.Helper()
	c := Config{Config: *config.Default(), Version: "test", Log: slog.New(slog.DiscardHandler), UI: fstest.MapFS{"index.html": {Data: []byte("the app")}}}
	c.Data, c.Listen = dir, "127.0.0.1:0"
	c.Bootstrap = config.Bootstrap{WriteKey: testKey, Token: testToken, Conversions: []string{"Item Purchased"}}
	if change != nil {
		change(&c)
	}
	a, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{App: a, t: t}
	t.Cleanup(s.stop)
	return s
}

// stop stops the server gracefully; a second time does nothing.
func (s *server) stop() {
	s.t.Helper()
	if s.App == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 20*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		s.t.Errorf("stop: %v", err)
	}
	s.App = nil
}

// do sends a request with a token and returns status and body.
func (s *server) do(method, path, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.LocalURL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Content-Type", "application/json")
	resp, text := s.send(req)
	return resp.StatusCode, text
}

// send sends a request and returns what is answered, read to the end.
func (s *server) send(req *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(text)
}

// get asks the API and reads the answer.
func (s *server) get(path string, into any) {
	s.t.Helper()
	status, body := s.do(http.MethodGet, "/api/v1/"+path, "")
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		s.t.Fatalf("GET %s: %v in %s", path, err, body)
	}
}

// post sends calls as a client does.
func (s *server) post(key string, calls ...string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.LocalURL()+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(calls, ",")+`]}`))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(key, "")
	if resp, text := s.send(req); resp.StatusCode != http.StatusOK {
		s.t.Fatalf("post: %d %s", resp.StatusCode, text)
	}
}

// settle waits until everything acknowledged is in the figures.
func (s *server) settle() {
	s.t.Helper()
	s.until("everything is stored", func() bool {
		var status struct {
			Pipeline struct {
				LagRecords int64 `json:"lag_records"`
			} `json:"pipeline"`
		}
		s.get("status", &status)
		return status.Pipeline.LagRecords == 0
	})
}

func (s *server) until(what string, is func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func call(id, event, properties string) string {
	return fmt.Sprintf(`{"type":"track","messageId":"event-id-long-enough-%s","userId":"ada","event":%q,"properties":{"conversationId":"c1",%s}}`, id, event, properties)
}

func conversation() []string {
	return []string{
		call("1", "Conversation Started", `"x":1`),
		call("2", "Message Sent", `"messageId":"m1","role":"customer","message_body":"Which <b>stock</b>?"`),
		call("3", "Message Received", `"messageId":"m2","role":"agent","message_body":"This one."`),
		call("4", "Feedback Submitted", `"messageId":"m2","rating":5,"rating_scale":"1-5"`),
		call("5", "Item Purchased", `"amount":12.5`),
	}
}

// figures are what a client sees of the conversation above.
func (s *server) figures() string {
	s.t.Helper()
	value := func(path string) *float64 {
		var a struct{ Total struct{ Value *float64 } }
		s.get("metrics/"+path, &a)
		return a.Total.Value
	}
	show := func(v *float64) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprint(*v)
	}
	var out []string
	for _, name := range []string{"conversations", "messages", "events", "satisfaction", "conversion_rate?conversion=conversion"} {
		out = append(out, name+"="+show(value(name)))
	}
	var c struct {
		Conversation struct{ Preview string }
		Events       []struct{ Body *string }
	}
	s.get("conversations/c1", &c)
	for _, e := range c.Events {
		if e.Body != nil {
			out = append(out, *e.Body)
		}
	}
	return strings.Join(out, " ")
}

const wantFigures = "conversations=1 messages=2 events=5 satisfaction=1 conversion_rate?conversion=conversion=1 Which <b>stock</b>? This one."

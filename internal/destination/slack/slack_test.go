package slack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
	"github.com/debrief-dev/debrief/internal/destination/mapping"
)

// channel is an incoming webhook. The suite's calls say their number, by which it knows their event ids.
type channel struct {
	mu    sync.Mutex
	texts []string
}

// ServeHTTP implements http.Handler.
func (c *channel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	var body struct{ Text string }
	if err != nil || json.Unmarshal(text, &body) != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	if body.Text == "" || strings.Contains(body.Text, "refuse me") {
		http.Error(w, "no_text", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, body.Text)
	_, _ = io.WriteString(w, "ok")
}

// arrived finds event ids by the property that the mapping puts into the text.
func (c *channel) arrived() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for _, text := range c.texts {
		if _, id, ok := strings.Cut(text, "\nid: "); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// named sends each message under a mapping that says its id.
type named struct{ destination.Destination }

const namedMapping = `{"@template":"{{event}}{{type}}\nid: {{messageId}}"}`

type namedSender struct{ destination.Sender }

// Open implements [destination.Destination].
func (n named) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	sender, err := n.Destination.Open(s, env)
	return namedSender{sender}, err
}

// Send implements [destination.Sender].
func (n namedSender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	m, err := mapping.Parse([]byte(namedMapping))
	if err != nil {
		panic(err)
	}
	for i := range messages {
		if payload, err := m.Apply(messages[i].Call); err == nil {
			messages[i].Payload = payload
		}
	}
	return n.Sender.Send(ctx, messages)
}

func TestLaws(t *testing.T) {
	t.Parallel()
	destinationtest.Run(t, func(*testing.T) destinationtest.Place {
		c := &channel{}
		return destinationtest.Place{
			Destination: named{Destination{}}, Handler: c, Arrived: c.arrived,
			Settings: func(address string) destination.Settings {
				return destination.Settings{"url": "http://" + address + "/services/T0/B0/x"}
			},
			Refused: func(m *destination.Message) {
				m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
			},
		}
	})
}

func TestTextsAreReadableAndHarmless(t *testing.T) {
	c := &channel{}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"url": destinationtest.Serve(t, c)})
	f := func(m destination.Message, want string) {
		t.Helper()
		if r := s.Send(t.Context(), []destination.Message{m})[0]; r.Err != nil {
			t.Fatal(r.Err)
		}
		if got := c.texts[len(c.texts)-1]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(destinationtest.Call(1, "track", "u-1", map[string]any{"event": "<!channel> & co", "properties": map[string]any{"b": 2.50, "a": "<@U1>", "list": []int{1}, "none": nil}}),
		"*&lt;!channel&gt; &amp; co* · u-1\na: &lt;@U1&gt;\nb: 2.5")
	f(destinationtest.Call(2, "identify", "u-1", map[string]any{"traits": map[string]any{"plan": "pro"}}), "*identify* · u-1\nplan: pro")
	long := destinationtest.Call(3, "track", "u", map[string]any{"event": "Long", "properties": map[string]any{"a": strings.Repeat("é", 9000), "b": strings.Repeat("x", 9000), "c": 1}})
	if r := s.Send(t.Context(), []destination.Message{long})[0]; r.Err != nil {
		t.Fatal(r.Err)
	}
	if got := c.texts[len(c.texts)-1]; len(got) > maxText+10 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long call makes a text of %d bytes", len(got))
	}
}

// What a mapping makes is what is written; the default one leaves the text as it was.
func TestAMappingSaysWhatIsWritten(t *testing.T) {
	c := &channel{}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"url": destinationtest.Serve(t, c)})
	f := func(rules, want string) {
		t.Helper()
		m, err := mapping.Parse([]byte(rules))
		if err != nil {
			t.Fatal(err)
		}
		call := destinationtest.Call(1, "track", "u-1", map[string]any{"event": "Message Rated", "text": "<!channel>", "properties": map[string]any{"rating": 1, "why": "<!here> & so"}})
		if call.Payload, err = m.Apply(call.Call); err != nil {
			t.Fatal(err)
		}
		c.texts = nil
		r := s.Send(t.Context(), []destination.Message{call})[0]
		if got := strings.Join(c.texts, "|"); got != want || (r.Err == nil) != (want != "") || r.Again() {
			t.Errorf("%s: got %q, %v; want %q", rules, got, r.Err, want)
		}
	}
	f(string(Destination{}.Spec().Mapping), "*Message Rated* · u-1\nrating: 1\nwhy: &lt;!here&gt; &amp; so")
	f(`{"@template":"{{userId}} rated {{properties.rating}}: {{properties.why}}"}`, "u-1 rated 1: &lt;!here&gt; &amp; so")
	f(`{"text":{"@template":"<https://x.example/{{userId}}|{{userId}}>"},"blocks":[]}`, "<https://x.example/u-1|u-1>")
	f(`{"@path":"$.properties.rating"}`, "")
	f(`{"@path":"$.none"}`, "")
}

// Package slack posts messages to a Slack channel through an incoming webhook. Only package app imports it.
package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is a channel.
type Destination struct{}

var _ destination.Destination = Destination{}

// maxText bounds the text of a message in bytes: Slack cuts after 40,000 characters, and people read less.
const maxText = 3000

const exampleCall = `{"type":"track","messageId":"m-1","userId":"u-1","event":"Audience Entered","properties":{"audience_key":"at_risk","at_risk":true}}`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "slack",
		Title:   "Slack",
		Website: "https://api.slack.com/messaging/webhooks",
		Doc: "Posts a message for each call, one after the other. Choose with filters which calls are worth one: a rating of 1, somebody who " +
			"entered an audience. As it is, the call is written as its name, who, and its properties or traits. A mapping may say it otherwise: text " +
			"(`{\"@template\": \"{{userId}} rated {{properties.rating}}\"}`), in which nothing is a link or a mention, or an object that Slack gets as it is, " +
			"with `text`, `blocks` or `attachments`. Slack does not know repetitions, so a message may come twice after a failure.",
		Types: []string{"track", "identify", "page", "screen", "group"},
		Settings: []destination.Setting{
			{Key: "url", Label: "Webhook URL", Type: destination.URL, Secret: true, Required: true, Example: "https://hooks.slack.com/services/T0/B0/x",
				Doc: "Of an incoming webhook of the channel. Whoever has it can post there."},
		},
		Mapping: json.RawMessage(`{"@path":"$."}`),
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "POST /services/…\n\n" +
			`{"text":"*Audience Entered* · u-1\naudience_key: at_risk\nat_risk: true"}`},
		OneRequest: true,
		Ordered:    true,
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	return &sender{url: s["url"], client: env.Client, now: env.Now}, nil
}

// sender is an open channel.
type sender struct {
	url    string
	client *http.Client
	now    func() time.Time
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch { return destination.Batch{} }

// Send implements [destination.Sender].
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	results := make([]destination.Result, len(messages))
	for i := range messages {
		if body, err := content(&messages[i]); err != nil {
			results[i].Err = err
		} else {
			results[i] = s.post(ctx, body)
		}
	}
	return results
}

// content is what is posted for a message: the text that its mapping makes, or the object, or if it leaves the call as
// it is, what that reads like.
func content(m *destination.Message) ([]byte, error) {
	if len(m.Payload) == 0 || bytes.Equal(m.Payload, m.Call) {
		c, err := m.ReadCall()
		if err != nil {
			return nil, err
		}
		return message(written(c)), nil
	}
	var text string
	switch {
	case m.Payload[0] == '{':
		return m.Payload, nil
	case m.Payload[0] == '"' && json.Unmarshal(m.Payload, &text) == nil:
		return message(escape(text, maxText)), nil
	}
	return nil, &destination.Discarded{Code: "mapping", Reason: "the mapping makes neither text nor an object of this call"}
}

func message(text string) []byte {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic("BUG: a text is no JSON: " + err.Error())
	}
	return body
}

func (s *sender) post(ctx context.Context, body []byte) destination.Result {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return destination.Result{Err: &destination.Discarded{Code: "invalid_settings", Reason: "the request cannot be made of the settings"}}
	}
	r.Header.Set("Content-Type", "application/json")
	_, result := destination.Do(s.client, r, s.now())
	return result
}

// written is what a call reads like: its name, who, and its scalar properties or traits by name.
func written(c *destination.Call) string {
	var b strings.Builder
	b.WriteString("*" + escape(c.Title(), maxText/2) + "*")
	if person := c.Person(); person != "" {
		b.WriteString(" · " + escape(person, maxText/2))
	}
	fields := c.Properties
	if c.Type == "identify" || c.Type == "group" {
		fields = c.Traits
	}
	for _, name := range sortedScalars(fields) {
		line := "\n" + escape(name, maxText/2) + ": " + escape(scalar(fields[name]), maxText/2)
		if b.Len()+len(line) > maxText {
			b.WriteString("\n…")
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// escape keeps text from being read as a link, a mention or a channel (Slack, "Escaping text"). It is cut after most
// bytes.
func escape(s string, most int) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// Test implements [destination.Sender]. Slack has no way to ask without posting: an empty message is refused
// as no_text after the address was looked at.
func (s *sender) Test(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(`{}`))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, result := destination.Do(s.client, r, s.now())
	if answer.Status == http.StatusBadRequest && (bytes.Contains(answer.Body, []byte("no_text")) || bytes.Contains(answer.Body, []byte("invalid_payload"))) {
		return nil
	}
	return result.Err
}

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

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
			"entered an audience. A mapping may say what is written; Slack does not know repetitions, so a message may come twice after a failure.",
		Types: []string{"track", "identify", "page", "screen", "group"},
		Settings: []destination.Setting{
			{Key: "url", Label: "Webhook URL", Type: destination.URL, Secret: true, Required: true, Example: "https://hooks.slack.com/services/T0/B0/x",
				Doc: "Of an incoming webhook of the channel. Whoever has it can post there."},
		},
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
		body := []byte(messages[i].Payload)
		if body == nil {
			c, err := messages[i].ReadCall()
			if err != nil {
				results[i].Err = err
				continue
			}
			body = written(c)
		}
		results[i] = s.post(ctx, body)
	}
	return results
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
func written(c *destination.Call) []byte {
	var b strings.Builder
	b.WriteString("*" + escape(c.Title()) + "*")
	if person := c.Person(); person != "" {
		b.WriteString(" · " + escape(person))
	}
	fields := c.Properties
	if c.Type == "identify" || c.Type == "group" {
		fields = c.Traits
	}
	for _, name := range sortedScalars(fields) {
		line := "\n" + escape(name) + ": " + escape(scalar(fields[name]))
		if b.Len()+len(line) > maxText {
			b.WriteString("\n…")
			break
		}
		b.WriteString(line)
	}
	body, err := json.Marshal(map[string]string{"text": b.String()})
	if err != nil {
		panic("BUG: a text is no JSON: " + err.Error())
	}
	return body
}

// escape keeps text from being read as a link, a mention or a channel (Slack, "Escaping text").
func escape(s string) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > maxText/2 {
		s = strings.ToValidUTF8(s[:maxText/2], "") + "…"
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

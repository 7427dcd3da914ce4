// Package mixpanel sends calls to Mixpanel: events through its import API, people and groups through its
// profile API. Only package app imports it.
package mixpanel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Destination is a Mixpanel project.
type Destination struct{}

var _ destination.Destination = Destination{}

// Bounds of the import API, kept with room: 2000 events a request, of 10 MB (2 MB in older pages of its
// documentation), an event below 1 MB and of fewer than 255 properties.
const (
	maxEvents     = 2000
	maxBytes      = 1800 << 10
	maxEvent      = 900 << 10
	maxProperties = 254
)

var hosts = map[string]string{"us": "https://api.mixpanel.com", "eu": "https://api-eu.mixpanel.com", "in": "https://api-in.mixpanel.com"}

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "mixpanel",
		Title:   "Mixpanel",
		Website: "https://developer.mixpanel.com/reference/import-events",
		Doc: "Track calls become events, pages and screens events named `Viewed …`, with the call's properties, `conversationId` among them, so " +
			"that funnels such as \"messages until a purchase\" can be built there. `identify` sets the profile's properties and joins the " +
			"anonymous id to the user, `group` sets those of a group, `alias` joins two ids. Each event goes under a key of its event id, " +
			"by which Mixpanel drops repetitions.",
		Settings: []destination.Setting{
			{Key: "token", Label: "Project token", Type: destination.Text, Secret: true, Required: true, Example: "0123456789abcdef0123456789abcdef",
				Doc: "In Mixpanel under Project settings, Access keys."},
			{Key: "service_account", Label: "Service account", Type: destination.Text, Example: "debrief.0a1b2c.mp-service-account",
				Doc: "With its secret and the project id; else the token alone authenticates."},
			{Key: "service_secret", Label: "Secret of the service account", Type: destination.Text, Secret: true},
			{Key: "project_id", Label: "Project id", Type: destination.Text, Example: "1234567", Doc: "Only with a service account."},
			{Key: "region", Label: "Data residency", Type: destination.Choice, Choices: []string{"us", "eu", "in"}, Default: "us"},
			{Key: "group_key", Label: "Group key", Type: destination.Text, Default: "company", Doc: "Under which Mixpanel knows groups."},
			{Key: "endpoint", Label: "Endpoint", Type: destination.URL, Example: "https://mixpanel-proxy.example.com", Doc: "A proxy in place of Mixpanel's own address."},
		},
		Example:    example,
		OneRequest: true,
		Ordered:    true,
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	if s["service_account"] != "" && (s["service_secret"] == "" || s["project_id"] == "") {
		return nil, &destination.InvalidSettings{Key: "service_account", Reason: "needs its secret and the project id"}
	}
	return &sender{
		token: s["token"], account: s["service_account"], secret: s["service_secret"], project: s["project_id"], groupKey: s["group_key"],
		base: strings.TrimRight(cmp.Or(s["endpoint"], hosts[s["region"]]), "/"), client: env.Client, now: env.Now,
	}, nil
}

// sender is an open project; it keeps nothing between requests.
type sender struct {
	token, account, secret, project string
	groupKey                        string
	base                            string
	client                          *http.Client
	now                             func() time.Time
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: maxEvents, Bytes: maxBytes, Wait: 2 * time.Second, Parallel: 4}
}

// Send implements [destination.Sender]. What becomes events goes together; what changes people or groups goes
// call by call, in its place between them. After a message that is to be tried again nothing more is sent,
// so that their order is kept.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	b := batch{sender: s, ctx: ctx, results: make([]destination.Result, len(messages))}
	for i := range messages {
		c, err := messages[i].ReadCall()
		if err != nil {
			b.results[i].Err = err
			continue
		}
		switch c.Type {
		case "identify", "group", "alias":
			b.flush()
			b.person(i, c)
		default:
			b.event(i, c)
		}
	}
	b.flush()
	return b.results
}

// batch is one Send under way.
type batch struct {
	*sender
	ctx     context.Context
	results []destination.Result
	events  []json.RawMessage   // waiting to be sent together
	of      []int               // the message that each event is of
	held    *destination.Result // of the first message that is to be tried again
}

// note keeps the result of a message.
func (b *batch) note(i int, r destination.Result) {
	b.results[i] = r
	var discarded *destination.Discarded
	if r.Err != nil && !errors.As(r.Err, &discarded) && b.held == nil {
		b.held = &r
	}
}

func (b *batch) event(i int, c *destination.Call) {
	event, err := b.sender.event(c)
	if err != nil {
		b.results[i].Err = err
		return
	}
	b.events, b.of = append(b.events, event), append(b.of, i)
}

func (b *batch) flush() {
	results := destination.All(len(b.events), destination.Result{})
	if b.held != nil {
		results = destination.All(len(b.events), *b.held)
	} else if len(b.events) > 0 {
		results = b.importEvents(b.ctx, b.events)
	}
	for i, r := range results {
		b.note(b.of[i], r)
	}
	b.events, b.of = nil, nil
}

func (b *batch) person(i int, c *destination.Call) {
	if b.held != nil {
		b.results[i] = *b.held
		return
	}
	b.note(i, b.sender.person(b.ctx, c))
}

// importEvents sends events together; in halves when they are too large together.
func (s *sender) importEvents(ctx context.Context, events []json.RawMessage) []destination.Result {
	answer, r := s.post(ctx, s.importURL(), "application/json", join(events))
	switch half := len(events) / 2; {
	case answer.Status == http.StatusRequestEntityTooLarge && half > 0:
		return append(s.importEvents(ctx, events[:half]), s.importEvents(ctx, events[half:])...)
	case answer.Status == http.StatusBadRequest:
		return partial(len(events), answer, r)
	}
	return destination.All(len(events), r)
}

// partial reads a 400 of the import API: the failed records are named, all others are stored. One that
// names none says no more than its status.
func partial(n int, a destination.Answer, whole destination.Result) []destination.Result {
	var body struct {
		Failed []struct {
			Index          int
			Field, Message string
		} `json:"failed_records"`
	}
	if err := json.Unmarshal(a.Body, &body); err != nil || len(body.Failed) == 0 {
		return destination.All(n, whole)
	}
	results := make([]destination.Result, n)
	for _, f := range body.Failed {
		if f.Index >= 0 && f.Index < n {
			results[f.Index].Err = &destination.Discarded{Code: "invalid_event", Reason: destination.Shorten(f.Field + ": " + f.Message)}
		}
	}
	return results
}

func (s *sender) importURL() string {
	query := url.Values{"strict": {"1"}}
	if s.account != "" {
		query.Set("project_id", s.project)
	}
	return s.base + "/import?" + query.Encode()
}

func (s *sender) post(ctx context.Context, address, contentType string, body []byte) (destination.Answer, destination.Result) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return destination.Answer{}, destination.Result{Err: &destination.Discarded{Code: "invalid_settings", Reason: "the request cannot be made of the settings"}}
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept", "application/json")
	if s.account != "" {
		r.SetBasicAuth(s.account, s.secret)
	} else {
		r.SetBasicAuth(s.token, "")
	}
	return destination.Do(s.client, r, s.now())
}

// form posts to the routes that take a form, which say 200 also when they refuse: then the body is 0, or its
// status is.
func (s *sender) form(ctx context.Context, path string, data any) destination.Result {
	text, err := json.Marshal([]any{data})
	if err != nil {
		return destination.Result{Err: &destination.Discarded{Code: "invalid_call", Reason: "the call is no JSON"}}
	}
	answer, r := s.post(ctx, s.base+path+"?verbose=1", "application/x-www-form-urlencoded", []byte(url.Values{"data": {string(text)}}.Encode()))
	var said struct {
		Status *int
		Error  string
	}
	if r.Err == nil && json.Unmarshal(answer.Body, &said) == nil && said.Status != nil && *said.Status == 0 {
		return destination.Result{Err: &destination.Discarded{Code: "refused", Reason: destination.Shorten(said.Error)}}
	}
	return r
}

// Test implements [destination.Sender]: it imports no event, which Mixpanel checks the credentials for.
func (s *sender) Test(ctx context.Context) error {
	answer, r := s.post(ctx, s.importURL(), "application/json", []byte("[]"))
	var discarded *destination.Discarded
	if answer.Status == http.StatusBadRequest && errors.As(r.Err, &discarded) && !strings.Contains(strings.ToLower(discarded.Reason), "token") {
		return nil // it knows us, and has nothing to import
	}
	return r.Err
}

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

// join makes an array of its elements.
func join(elements []json.RawMessage) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, e := range elements {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(e)
	}
	b.WriteByte(']')
	return b.Bytes()
}

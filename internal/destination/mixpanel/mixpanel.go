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

// Bounds of the ingestion API, kept with room: 2000 events or updates of people or groups a request, each below
// 1 MB; of the import of events 10 MB (2 MB in older pages of its documentation), and fewer than 255 properties.
const (
	maxRecords    = 2000
	maxBytes      = 1800 << 10
	maxRecord     = 900 << 10
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
			"anonymous id to the user, `group` sets those of a group, `alias` joins two ids. A trait that is null is unset. Each event goes " +
			"under a key of its event id, by which Mixpanel drops repetitions. The shape is fixed, there is no mapping: an insert function may " +
			"change a call's event name, properties and traits before.",
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
	return destination.Batch{Messages: maxRecords, Bytes: maxBytes, Wait: 2 * time.Second, Parallel: 4}
}

// Send implements [destination.Sender]. After a message that is to be tried again nothing more is sent, so that
// their order is kept.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	results := make([]destination.Result, len(messages))
	p := newPlan()
	for i := range messages {
		c, err := messages[i].ReadCall()
		if err == nil {
			err = s.lay(p, i, c)
		}
		results[i].Err = err
	}
	b := batch{s, ctx, results}
	for k, r := range p.requests {
		if held := b.send(r); held.Again() {
			for _, rest := range p.requests[k+1:] {
				b.settle(rest, held)
			}
			break
		}
	}
	return results
}

// address is a route's URL. Routes but /import take ip=0 not to give people the place of this server, and strict=1
// to name the records that they refuse.
func (s *sender) address(route string) string {
	query := url.Values{"strict": {"1"}}
	switch {
	case route != routeImport:
		query.Set("ip", "0")
		query.Set("verbose", "1")
	case s.account != "":
		query.Set("project_id", s.project)
	}
	return s.base + route + "?" + query.Encode()
}

// post sends records to a route. All but /import take them as a field of a form.
func (s *sender) post(ctx context.Context, route string, records []json.RawMessage) (destination.Answer, destination.Result) {
	body, contentType := join(records), "application/json"
	if route != routeImport {
		body, contentType = []byte(url.Values{"data": {string(body)}}.Encode()), "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address(route), bytes.NewReader(body))
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

// Test implements [destination.Sender]: it imports no event, which Mixpanel checks the credentials for.
func (s *sender) Test(ctx context.Context) error {
	answer, r := s.post(ctx, routeImport, nil)
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

package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// Request is one of HTTP that would be sent. Its path and headers are not told: secrets stand there.
type Request struct {
	Method string
	Origin string // scheme and host
	Body   string // without secrets
}

// errNotSent is what a sender is told of what it sends in a preview.
var errNotSent = errors.New("this is a preview: nothing is sent")

// record opens a destination that is connected to nothing, and returns what it would send for a message; nil if that is
// nothing.
func (d *Deliver) record(ctx context.Context, kind destination.Destination, settings destination.Settings, m destination.Message) *Request {
	var r recorder
	sender, err := kind.Open(settings, destination.Env{
		Client: &http.Client{Transport: &r}, Now: d.config.Now, ID: "preview",
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errNotSent },
		Dir:  func() (string, error) { return "", errNotSent },
	})
	if err != nil {
		return nil
	}
	defer func() { _ = sender.Close() }()
	sender.Send(ctx, []destination.Message{m})
	if r.first == nil {
		return nil
	}
	spec := kind.Spec()
	r.first.Body = hideAll(r.first.Body, &spec, settings)
	return r.first
}

// recorder is a transport that goes nowhere, and keeps the first request.
type recorder struct{ first *Request }

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		return nil, errNotSent
	}
	body, err := io.ReadAll(request.Body)
	_ = request.Body.Close()
	if err == nil && r.first == nil {
		r.first = &Request{Method: request.Method, Origin: request.URL.Scheme + "://" + request.URL.Host, Body: string(body)}
	}
	return nil, errNotSent
}

// hideAll takes out of a text every secret value, however short, in each way that it may be written there.
func hideAll(text string, spec *destination.Spec, settings destination.Settings) string {
	secrets := secretsOf(spec, settings)
	for _, s := range spec.Settings {
		if v := settings[s.Key]; s.Secret && v != "" {
			secrets = append(secrets, v)
		}
	}
	for _, s := range slices.Clone(secrets) {
		quoted, err := json.Marshal(s)
		if err != nil {
			panic(fmt.Sprintf("BUG: encode a text: %v", err))
		}
		plain := jsonscan.AppendQuoted(nil, s) // as above, but <, > and & are themselves
		secrets = append(secrets, string(quoted[1:len(quoted)-1]), string(plain[1:len(plain)-1]), url.QueryEscape(s))
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be part of another
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	return text
}

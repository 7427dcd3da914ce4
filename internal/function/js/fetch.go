package js

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/outbound"
)

// reserved are the headers that functions do not set: they are the connection's. What begins with proxy- is,
// too.
var reserved = []string{"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}

// answered is an answer, as Response takes it.
type answered struct {
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	Headers    [][2]string `json:"headers"`
	URL        string      `json:"url"`
	Redirected bool        `json:"redirected"`
	Text       *string     `json:"text,omitempty"`
	Bytes      *string     `json:"bytes,omitempty"` // base64, where it is not UTF-8
}

// fetch sends a request.
func (m *machine) fetch(id int, a *ask) later {
	v, err := m.exchange(a)
	if err == nil {
		return later{ID: id, Value: v}
	}
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err // without the URL, in which secrets may stand
	}
	return later{ID: id, Error: m.run.shown(err.Error(), 500), Unreachable: !errors.Is(err, outbound.ErrForbidden) && !errors.As(err, new(refusal))}
}

// refusal is a request that is not sent.
type refusal string

func (r refusal) Error() string { return string(r) }

func (m *machine) exchange(a *ask) (*answered, error) {
	limits, client := m.run.e.limits, m.run.e.cfg.Client
	if client == nil {
		return nil, refusal(errNoNetwork.Error())
	}
	request, err := m.request(a)
	if err != nil {
		return nil, err
	}
	c := *client
	c.CheckRedirect = redirects(a.Redirect)
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(limits.Answer)+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > limits.Answer {
		return nil, refusal(fmt.Sprintf("the answer has more than %d bytes", limits.Answer))
	}
	final := *response.Request.URL
	out := &answered{
		Status: response.StatusCode, StatusText: strings.TrimSpace(strings.TrimPrefix(response.Status, fmt.Sprint(response.StatusCode))),
		URL: final.Redacted(), Redirected: response.Request != request,
	}
	for name, values := range response.Header {
		for _, v := range values {
			out.Headers = append(out.Headers, [2]string{name, strings.ToValidUTF8(v, "\ufffd")})
		}
	}
	text := string(body)
	if utf8.Valid(body) {
		out.Text = &text
	} else {
		text = base64.StdEncoding.EncodeToString(body)
		out.Bytes = &text
	}
	return out, nil
}

// request builds what is sent. net/http refuses headers and methods that are not well formed.
func (m *machine) request(a *ask) (*http.Request, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, refusal("only http and https addresses are fetched")
	}
	if u.User != nil {
		return nil, refusal("an address has no user and password; set the header Authorization")
	}
	var body io.Reader
	switch {
	case a.Text != nil:
		body = strings.NewReader(*a.Text)
	case a.Bytes != nil:
		b, err := base64.StdEncoding.DecodeString(*a.Bytes)
		if err != nil {
			return nil, refusal("the body is not base64")
		}
		body = strings.NewReader(string(b))
	}
	if a.Method == "CONNECT" || a.Method == "TRACE" {
		return nil, refusal(a.Method + " is not sent")
	}
	request, err := http.NewRequestWithContext(m.ctx, a.Method, u.String(), body)
	if err != nil {
		return nil, refusal("the request is not well formed")
	}
	request.Header.Set("User-Agent", "Debrief")
	for _, h := range a.Headers {
		if name := strings.ToLower(h[0]); !slices.Contains(reserved, name) && !strings.HasPrefix(name, "proxy-") {
			request.Header.Set(h[0], h[1])
		}
	}
	return request, nil
}

// redirects says what is done at a redirect, in fetch's words.
func redirects(mode string) func(*http.Request, []*http.Request) error {
	return func(_ *http.Request, via []*http.Request) error {
		switch {
		case mode == "manual":
			return http.ErrUseLastResponse
		case mode == "error":
			return refusal("it redirects")
		case len(via) >= 5:
			return refusal("it redirects more than 5 times")
		}
		return nil
	}
}

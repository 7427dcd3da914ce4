package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/app"
)

// connection says which server a command talks to. Left out, it is the one that runs on the data
// directory, and what the command may do there is everything, for a few minutes: who can read the
// directory can do so anyway.
type connection struct {
	server, token, data string
}

func (c *connection) flags(fs *flag.FlagSet) {
	fs.StringVar(&c.server, "server", "", "`url` of the server (default: the one that runs on the data directory)")
	fs.StringVar(&c.token, "token", "", "API `token` (default: one for this command, made in the data directory)")
	fs.StringVar(&c.data, "data", "data", "the data `dir`ectory of a server on this machine")
}

// connect finds the server and a token.
func (c *connection) connect(ctx context.Context) (*apiClient, error) {
	a := &apiClient{server: strings.TrimRight(c.server, "/"), token: c.token, http: &http.Client{Timeout: time.Minute}}
	if a.server == "" {
		found, err := app.Running(c.data)
		if errors.Is(err, app.ErrNotRunning) {
			return nil, fmt.Errorf("%w; start it with \"debrief serve\", or name another with --server", err)
		}
		if err != nil {
			return nil, err
		}
		a.server = found
		a.http = localClient()
	}
	if a.token == "" {
		token, err := app.CommandToken(ctx, c.data)
		if err != nil {
			return nil, fmt.Errorf("no --token given, and none can be made: %w", err)
		}
		a.token = token
	}
	return a, nil
}

// localClient talks to the server on this machine, whose certificate is for another name.
func localClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // it never leaves the machine
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// apiClient asks the HTTP API of one server.
type apiClient struct {
	server, token string
	http          *http.Client
}

// do asks one endpoint below /api/v1/; in and into may be nil.
func (a *apiClient) do(ctx context.Context, method, path string, in, into any) error {
	text, err := a.ask(ctx, method, path, in)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read answer of %s: %w", a.server, err)
	}
	return nil
}

// text asks for what an endpoint below /api/v1/ answers, as it is.
func (a *apiClient) text(ctx context.Context, path string) ([]byte, error) {
	return a.ask(ctx, http.MethodGet, path, nil)
}

func (a *apiClient) ask(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", path, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.server+"/api/v1/"+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", a.server, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", a.server, err)
	}
	if resp.StatusCode >= 300 {
		var fault struct{ Error struct{ Message string } }
		if json.Unmarshal(text, &fault) != nil || fault.Error.Message == "" {
			return nil, fmt.Errorf("%s answers %s", a.server, resp.Status)
		}
		return nil, errors.New(fault.Error.Message)
	}
	return text, nil
}

// source is a source as the API tells it.
type source struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Enabled     bool     `json:"enabled"`
	WriteKeys   []string `json:"write_keys"`
	RatingScale string   `json:"rating_scale"`
	Redaction   string   `json:"redaction"`
	Content     string   `json:"content"`
}

func (a *apiClient) sources(ctx context.Context) ([]source, error) {
	var list struct{ Sources []source }
	err := a.do(ctx, http.MethodGet, "sources", nil, &list)
	return list.Sources, err
}

// ensureSource returns the newest write key of the source with a name, which it adds if there is none.
func (a *apiClient) ensureSource(ctx context.Context, name string) (string, error) {
	all, err := a.sources(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if s.Name == name && len(s.WriteKeys) > 0 {
			return s.WriteKeys[0], nil
		}
	}
	var s source
	if err := a.do(ctx, http.MethodPost, "sources", map[string]any{"name": name}, &s); err != nil {
		return "", err
	}
	return s.WriteKeys[0], nil
}

// path escapes an id for a path of the API.
func path(collection, id string, rest ...string) string {
	return strings.Join(append([]string{collection, url.PathEscape(id)}, rest...), "/")
}

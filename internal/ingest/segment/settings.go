package segment

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// settingsHost returns what the settings document says of the public URL: host with path, and protocol.
// Both are empty without one.
func settingsHost(publicURL string) (host, protocol string, err error) {
	if publicURL == "" {
		return "", "", nil
	}
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", "", fmt.Errorf("public URL %q: want http:// or https://, a host, and perhaps a path", publicURL)
	}
	return u.Host + strings.TrimSuffix(u.EscapedPath(), "/"), u.Scheme, nil
}

// sdkSettings is the document that Segment's SDKs fetch before they send anything. Without an apiKey for
// Segment.io the browser SDK sends nothing; any other integration makes it load a script.
type sdkSettings struct {
	Integrations struct {
		Segment integration `json:"Segment.io"`
	} `json:"integrations"`
	Plan               json.RawMessage `json:"plan"`
	Metrics            json.RawMessage `json:"metrics"`
	EdgeFunction       json.RawMessage `json:"edgeFunction"`
	MiddlewareSettings json.RawMessage `json:"middlewareSettings"`
	EnabledMiddleware  json.RawMessage `json:"enabledMiddleware"`
	LegacyVideo        bool            `json:"legacyVideoPluginsEnabled"`
	RemotePlugins      json.RawMessage `json:"remotePlugins"`
	AnalyticsNext      bool            `json:"analyticsNextEnabled"`
}

type integration struct {
	APIKey   string `json:"apiKey"`
	APIHost  string `json:"apiHost,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	sending
}

// sending says how SDKs send; they take all of it over from here.
type sending struct {
	AddBundledMetadata    bool            `json:"addBundledMetadata"`
	UnbundledIntegrations json.RawMessage `json:"unbundledIntegrations"`
	MaybeBundledConfigIDs json.RawMessage `json:"maybeBundledConfigIds"`
	RetryQueue            bool            `json:"retryQueue"`
	DeliveryStrategy      json.RawMessage `json:"deliveryStrategy"`
	HTTPConfig            json.RawMessage `json:"httpConfig"`
}

// newSettings returns the document for a key.
func newSettings(key, publicURL string) sdkSettings {
	object := json.RawMessage(`{}`)
	array := json.RawMessage(`[]`)
	s := sdkSettings{
		Plan: json.RawMessage(`{"track":{"__default":{"enabled":true,"integrations":{}}},"identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}}`),
		// Above 0, the SDKs count every call to /v1/m.
		Metrics:      json.RawMessage(`{"sampleRate":0}`),
		EdgeFunction: object, MiddlewareSettings: object, EnabledMiddleware: object, RemotePlugins: array,
		AnalyticsNext: true,
	}
	io := &s.Integrations.Segment
	io.APIKey = key
	if host, protocol, err := settingsHost(publicURL); err == nil && host != "" {
		io.APIHost, io.Protocol = host+"/v1", protocol
	}
	io.AddBundledMetadata, io.RetryQueue = true, true
	io.UnbundledIntegrations, io.MaybeBundledConfigIDs = array, object
	// One request a call, unless the page asks for batching: of a batch that waits when its page is
	// left, browsers deliver only what fits 64 KB.
	io.DeliveryStrategy = json.RawMessage(`{"strategy":"standard"}`)
	io.HTTPConfig = json.RawMessage(`{"rateLimitConfig":{"enabled":true,"maxRetryCount":10,"maxRetryInterval":300,"maxRateLimitDuration":43200},` +
		`"backoffConfig":{"enabled":true,"maxRetryCount":10,"baseBackoffInterval":0.5,"maxBackoffInterval":60,"maxTotalBackoffDuration":43200,` +
		`"jitterPercent":10,"default4xxBehavior":"drop","default5xxBehavior":"retry","statusCodeOverrides":{"408":"retry"}}}`)
	return s
}

// settings answers GET /v1/projects/{key}/settings. A disabled source still gets its settings: the refusal
// that says so comes with the first call.
func (h *Handler) settings(w http.ResponseWriter, key string) {
	if f := h.known(key, http.StatusNotFound); f != nil {
		h.fail(w, f)
		return
	}
	h.document(w, newSettings(key, h.cfg.PublicURL))
}

// known returns nil if key names a source, enabled or not, else the failure, with a status for unknown keys.
func (h *Handler) known(key string, unknown int) *ingest.Failure {
	_, f := h.keys.Lookup(key)
	switch {
	case f == nil || f.Status == http.StatusForbidden:
		return nil
	case f.Status == http.StatusUnauthorized:
		f.Status = unknown
	}
	return f
}

// document answers a settings document. Clients fetch it without credentials, and again after a minute.
func (h *Handler) document(w http.ResponseWriter, doc any) {
	body, err := json.Marshal(doc)
	if err != nil {
		panic("BUG: marshal settings: " + err.Error())
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	ingest.AnswerJSON(w, http.StatusOK, body)
	h.metrics.Answered(http.StatusOK)
}

// rudderConfig is the document that RudderStack's SDKs fetch instead.
type rudderConfig struct {
	Source    rudderSource `json:"source"`
	UpdatedAt string       `json:"updatedAt"`
}

type rudderSource struct {
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	WriteKey     string          `json:"writeKey"`
	Enabled      bool            `json:"enabled"`
	WorkspaceID  string          `json:"workspaceId"`
	Config       json.RawMessage `json:"config"`
	Destinations json.RawMessage `json:"destinations"`
	Connections  json.RawMessage `json:"connections"`
	Dataplanes   json.RawMessage `json:"dataplanes"`
	UpdatedAt    string          `json:"updatedAt"`
}

// sourceConfig answers GET /sourceConfig, the key in Basic authentication or the query.
func (h *Handler) sourceConfig(w http.ResponseWriter, r *http.Request) {
	key := ingest.BasicUser(r)
	if key == "" {
		key = ingest.QueryKey(r)
	}
	if f := h.known(key, http.StatusUnauthorized); f != nil {
		h.fail(w, f)
		return
	}
	src, _ := h.keys.Lookup(key)
	name := src.Name
	if name == "" {
		name = src.ID
	}
	// SDKs compare the time with what they saw before; no setting of ours changes under them.
	const updated = "2026-01-01T00:00:00.000Z"
	h.document(w, rudderConfig{UpdatedAt: updated, Source: rudderSource{
		ID: src.ID, Name: name, WriteKey: key, Enabled: true, WorkspaceID: src.Workspace, UpdatedAt: updated,
		Config:       json.RawMessage(`{"statsCollection":{"errors":{"enabled":false},"metrics":{"enabled":false}}}`),
		Destinations: json.RawMessage(`[]`), Connections: json.RawMessage(`[]`), Dataplanes: json.RawMessage(`{}`),
	}})
}

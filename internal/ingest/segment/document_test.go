package segment

import (
	"strings"
	"testing"
	"testing/fstest"
)

const settingsTail = `"addBundledMetadata":true,
  "unbundledIntegrations":[],"maybeBundledConfigIds":{},"retryQueue":true,
  "deliveryStrategy":{"strategy":"standard"},
  "httpConfig":{"rateLimitConfig":{"enabled":true,"maxRetryCount":10,"maxRetryInterval":300,"maxRateLimitDuration":43200},
    "backoffConfig":{"enabled":true,"maxRetryCount":10,"baseBackoffInterval":0.5,"maxBackoffInterval":60,"maxTotalBackoffDuration":43200,
      "jitterPercent":10,"default4xxBehavior":"drop","default5xxBehavior":"retry","statusCodeOverrides":{"408":"retry"}}}}},
 "plan":{"track":{"__default":{"enabled":true,"integrations":{}}},"identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},
 "metrics":{"sampleRate":0},"edgeFunction":{},"middlewareSettings":{},"enabledMiddleware":{},"legacyVideoPluginsEnabled":false,"remotePlugins":[],"analyticsNextEnabled":true}`

func TestSettingsDocument(t *testing.T) {
	f := func(publicURL, path, want string) {
		t.Helper()
		d := newDoor(t, func(c *Config) { c.PublicURL = publicURL })
		r := d.do(ask{method: "GET", path: path})
		if r.status != 200 || r.header.Get("Cache-Control") != "public, max-age=60" || r.header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: got %d %v", path, r.status, r.header)
		}
		sameJSON(t, publicURL+path, r.body, want+settingsTail)
	}
	f("", "/v1/projects/wk_web/settings", `{"integrations":{"Segment.io":{"apiKey":"wk_web",`)
	f("", "/v1/projects/wk_web/settings/", `{"integrations":{"Segment.io":{"apiKey":"wk_web",`)
	f("", "/v1/projects/wk_off/settings", `{"integrations":{"Segment.io":{"apiKey":"wk_off",`)
	f("", "/v1/projects/wk%20%22odd%22/settings", `{"integrations":{"Segment.io":{"apiKey":"wk \"odd\"",`)
	f("https://events.example.com", "/v1/projects/wk_web/settings", `{"integrations":{"Segment.io":{"apiKey":"wk_web","apiHost":"events.example.com/v1","protocol":"https",`)
	f("http://localhost:8080/", "/v1/projects/wk_web/settings", `{"integrations":{"Segment.io":{"apiKey":"wk_web","apiHost":"localhost:8080/v1","protocol":"http",`)
	f("https://example.com/copilot/", "/v1/projects/wk_web/settings", `{"integrations":{"Segment.io":{"apiKey":"wk_web","apiHost":"example.com/copilot/v1","protocol":"https",`)
}

func TestSettingsOfUnknownKey(t *testing.T) {
	d := newDoor(t, nil)
	wantFailure(t, "unknown", d.do(ask{method: "GET", path: "/v1/projects/nope/settings"}), 404, "invalid_write_key")
}

func TestPublicURLIsChecked(t *testing.T) {
	for _, u := range []string{"events.example.com", "ftp://x", "https://", "https://x?y", "https://u:p@x"} {
		if _, err := New(Config{Sources: testKeys, Log: nopLog{}, PublicURL: u}); err == nil || !strings.Contains(err.Error(), "public URL") {
			t.Errorf("%q: got %v, want a fault", u, err)
		}
	}
}

func TestRudderSourceConfig(t *testing.T) {
	d := newDoor(t, nil)
	want := func(id, name, key string) string {
		return `{"source":{"id":"` + id + `","name":"` + name + `","writeKey":"` + key + `","enabled":true,"workspaceId":"default",
			"config":{"statsCollection":{"errors":{"enabled":false},"metrics":{"enabled":false}}},"destinations":[],"connections":[],"dataplanes":{},
			"updatedAt":"2026-01-01T00:00:00.000Z"},"updatedAt":"2026-01-01T00:00:00.000Z"}`
	}
	sameJSON(t, "basic", d.do(ask{method: "GET", path: "/sourceConfig/", headers: []string{basic("wk_web:")}}).body, want("src_web", "Web", "wk_web"))
	sameJSON(t, "query", d.do(ask{method: "GET", path: "/sourceConfig?writeKey=wk_go&p=npm&v=3"}).body, want("src_go", "src_go", "wk_go"))
	wantFailure(t, "unknown", d.do(ask{method: "GET", path: "/sourceConfig/?writeKey=nope"}), 401, "invalid_write_key")
}

func TestScriptAndItsChunks(t *testing.T) {
	script := fstest.MapFS{
		"standalone.js":                {Data: []byte("standalone")},
		"queryString.bundle.34b193.js": {Data: []byte("chunk")},
		"LICENSE":                      {Data: []byte("MIT")},
	}
	d := newDoor(t, func(c *Config) { c.Script = script })
	f := func(path, want, cache string) {
		t.Helper()
		r := d.do(ask{method: "GET", path: path, headers: []string{"Origin: https://shop.example"}})
		if r.status != 200 || r.body != want || r.header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(r.header.Get("Cache-Control"), cache) || r.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%s: got %d %q %v", path, r.status, r.body, r.header)
		}
	}
	f("/analytics.js/v1/wk_web/analytics.min.js", "standalone", "max-age=300")
	f("/analytics.js/v1/wk_web/queryString.bundle.34b193.js", "chunk", "immutable")
	f("/analytics-next/bundles/queryString.bundle.34b193.js", "chunk", "immutable")
	wantFailure(t, "no such chunk", d.do(ask{method: "GET", path: "/analytics.js/v1/wk_web/other.js"}), 404, "not_found")
	wantFailure(t, "no script", d.do(ask{method: "GET", path: "/analytics.js/v1/wk_web/LICENSE"}), 404, "not_found")
	wantFailure(t, "climbing", d.do(ask{method: "GET", path: "/analytics.js/v1/wk_web/..%2f..%2fx.js"}), 404, "not_found")

	script["analytics.min.js"] = &fstest.MapFile{Data: []byte("min")}
	f("/analytics.js/v1/wk_web/analytics.min.js", "min", "max-age=300")

	bare := newDoor(t, nil)
	r := bare.do(ask{method: "GET", path: "/analytics.js/v1/wk_web/analytics.min.js"})
	wantFailure(t, "not built", r, 404, "script_not_built")
	if !strings.Contains(r.body, "make build") {
		t.Errorf("got %s, want how to build it", r.body)
	}
}

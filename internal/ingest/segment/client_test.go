package segment

import (
	"net/netip"
	"strings"
	"testing"
)

func TestAddressAndAgentAreFilledForDevicesAlone(t *testing.T) {
	d := newDoor(t, nil)
	const agent = "Mozilla/5.0 (test)"
	f := func(call, wantIP, wantAgent string) {
		t.Helper()
		body := batchOf(call)
		if strings.HasPrefix(call, `"`) {
			body = `{` + call + `,"batch":[{"type":"page","userId":"u"}]}`
		}
		wantSuccess(t, call, d.do(ask{path: "/v1/b", headers: []string{basic("wk_web:"), "User-Agent: " + agent}, body: body}))
		if c := d.lastCall(); c.IP != wantIP || c.UserAgent != wantAgent {
			t.Errorf("%s: got %q %q, want %q %q", call, c.IP, c.UserAgent, wantIP, wantAgent)
		}
	}
	page := func(context string) string { return `{"type":"page","userId":"u","context":` + context + `}` }
	const peer = "127.0.0.1"
	f(page(`{"library":{"name":"analytics.js","version":"next-1.84.3"}}`), peer, agent)
	f(page(`{"library":{"name":"analytics-kotlin"}}`), peer, agent)
	f(page(`{"library":{"name":"Analytics-CSharp"}}`), peer, agent)
	f(page(`{"library":{"name":"RudderLabs JavaScript SDK"}}`), peer, agent)
	f(page(`{"library":{"name":"analytics.js"},"ip":"0.0.0.0"}`), "", agent) // how people anonymise
	f(page(`{"ip":"203.0.113.7","library":{"name":"analytics.js"},"userAgent":"own"}`), "", "")
	f(page(`{"library":{"name":"analytics.js"},"userAgent":"own"}`), peer, "")
	f(page(`{"library":{"name":"analytics.js"},"ip":null}`), peer, agent)
	f(page(`{"direct":true}`), peer, agent)
	f(page(`{"direct":false}`), "", "")
	f(page(`{"direct":"true"}`), "", "")
	f(page(`{"library":{"name":"@segment/analytics-node"}}`), "", "")
	f(page(`{"library":{"name":"analytics-go"}}`), "", "")
	f(page(`{"library":{"name":5}}`), "", "")
	f(page(`{"library":"analytics.js"}`), "", "")
	f(page(`{"app":{"library":{"name":"analytics.js"},"direct":true}}`), "", "")
	f(`{"type":"page","userId":"u"}`, "", "")
	f(`{"type":"page","userId":"u","channel":"web"}`, peer, agent)
	f(`{"type":"page","userId":"u","channel":"mobile"}`, peer, agent)
	f(`{"type":"page","userId":"u","channel":"server"}`, "", "")
	f(`"context":{"library":{"name":"analytics.js"}}`, peer, agent)
	f(`"context":{"direct":true,"ip":"203.0.113.7"}`, "", agent)
	f(`"context":{"library":{"name":"analytics-go"}}`, "", "")
}

func TestForwardedForIsBelievedOfTrustedProxiesAlone(t *testing.T) {
	f := func(trusted, forwarded, want string) {
		t.Helper()
		d := newDoor(t, func(c *Config) {
			for p := range strings.FieldsSeq(trusted) {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
			}
		})
		a := ask{path: "/v1/p", headers: []string{basic("wk_web:")}, body: `{"userId":"u","context":{"direct":true}}`}
		for h := range strings.SplitSeq(forwarded, "|") {
			if h != "" {
				a.headers = append(a.headers, "X-Forwarded-For: "+h)
			}
		}
		wantSuccess(t, forwarded, d.do(a))
		if got := d.lastCall().IP; got != want {
			t.Errorf("trusted %q, forwarded %q: got %q, want %q", trusted, forwarded, got, want)
		}
	}
	f("", "203.0.113.7", "127.0.0.1")
	f("10.0.0.0/8", "203.0.113.7", "127.0.0.1")
	f("127.0.0.1/32", "203.0.113.7", "203.0.113.7")
	f("127.0.0.1/32", "", "127.0.0.1")
	f("127.0.0.1/32", "6.6.6.6, 203.0.113.7", "203.0.113.7")
	f("127.0.0.1/32 10.0.0.0/8", "6.6.6.6, 203.0.113.7, 10.1.2.3", "203.0.113.7")
	f("127.0.0.1/32 10.0.0.0/8", "6.6.6.6|203.0.113.7|10.1.2.3", "203.0.113.7")
	f("127.0.0.1/32 10.0.0.0/8", "10.9.9.9", "10.9.9.9")
	f("127.0.0.1/32", "nonsense", "127.0.0.1")
	f("127.0.0.1/32", "203.0.113.7:4711", "203.0.113.7")
	f("127.0.0.1/32", "[2001:db8::1]:4711", "2001:db8::1")
	f("127.0.0.1/32", "2001:db8::1", "2001:db8::1")
}

func TestUserAgentIsCut(t *testing.T) {
	d := newDoor(t, nil)
	wantSuccess(t, "long agent", d.do(ask{path: "/v1/p", headers: []string{basic("wk_web:"), "User-Agent: " + strings.Repeat("x", 5000)},
		body: `{"userId":"u","context":{"direct":true}}`}))
	if n := len(d.lastCall().UserAgent); n != 512 {
		t.Errorf("%d bytes are kept, want 512", n)
	}
}

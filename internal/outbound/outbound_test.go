package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// policies are the forms that are in use, and what each of them may reach of a kind of address.
var policies = map[string]Policy{
	"public":  {},
	"listed":  {Allowed: prefixes("10.1.0.0/16", "127.0.0.1/32", "fd12::/16")},
	"private": {Private: true},
}

func TestWhichAddressesMayBeReached(t *testing.T) {
	f := func(address string, want ...string) {
		t.Helper()
		a := netip.MustParseAddr(address)
		for name, p := range policies {
			if got := (p.refusal(a) == ""); got != strings.Contains(strings.Join(want, " "), name) {
				t.Errorf("%s, policy %q: allowed %t, want it allowed for %q alone", address, name, got, want)
			}
		}
	}
	everybody := []string{"public", "listed", "private"}
	f("93.184.216.34", everybody...)
	f("::ffff:93.184.216.34", everybody...)
	f("64:ff9b::5db8:d822", everybody...)
	f("2606:2800:220:1:248:1893:25c8:1946", everybody...)

	f("127.0.0.1", "listed", "private")
	f("::ffff:127.0.0.1", "listed", "private")
	f("64:ff9b::7f00:1", "listed", "private")
	f("10.1.2.3", "listed", "private")
	f("::ffff:10.1.2.3", "listed", "private")
	f("fd12::1", "listed", "private")

	f("127.0.0.2", "private")
	f("::1", "private")
	f("10.2.0.1", "private")
	f("172.16.0.1", "private")
	f("192.168.1.2", "private")
	f("100.64.0.1", "private")
	f("198.18.0.1", "private")
	f("fd00::1", "private")
	f("64:ff9b::a02:1", "private")

	f("0.0.0.0")
	f("0.1.2.3")
	f("::")
	f("224.0.0.1")
	f("ff02::1")
	f("fe80::1")
	f("fe80::1%eth0")
	f("169.254.169.254")
	f("::ffff:169.254.169.254")
	f("::169.254.169.254")
	f("64:ff9b::a9fe:a9fe")
	f("64:ff9b:1::a9fe:a9fe")
	f("2002:a9fe:a9fe::")
	f("fd00:ec2::254")
	f("fd20:ce::254")
	f("100.100.100.200")
	f("168.63.129.16")
}

func TestListingEverythingDoesNotOpenMetadata(t *testing.T) {
	all := Policy{Private: true, Allowed: prefixes("0.0.0.0/0", "::/0")}
	for _, address := range []string{"169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "::169.254.169.254"} {
		if all.refusal(netip.MustParseAddr(address)) == "" {
			t.Errorf("%s: allowed", address)
		}
	}
	if all.refusal(netip.Addr{}) == "" {
		t.Error("no address at all: allowed")
	}
}

func TestConnectionsObeyThePolicy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())

	f := func(p Policy, url, want string) {
		t.Helper()
		client := p.Client()
		defer client.CloseIdleConnections()
		r, err := client.Get(url)
		if err == nil {
			_ = r.Body.Close()
		}
		if want == "" && err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if want != "" && (!errors.Is(err, ErrForbidden) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q with %q", url, err, ErrForbidden, want)
		}
	}
	f(Policy{}, server.URL, "it is not public")
	f(Policy{Advice: "ask Ada"}, server.URL, "it is not public; ask Ada")
	f(Policy{}, "http://localhost:"+port, "it is not public")
	f(Policy{Private: true}, server.URL, "")
	f(Policy{Private: true}, "http://169.254.169.254/latest", "nobody's")
	f(Policy{Private: true}, "http://0.0.0.0:"+port, "nobody's")
	f(Policy{Allowed: prefixes("127.0.0.1/32")}, server.URL, "")
	f(Policy{Allowed: prefixes("127.0.0.1/32")}, server.URL+"/?to=http://127.0.0.2:"+port, "it is not public")
	f(Policy{Private: true}, server.URL+"/?to=http://169.254.169.254/latest", "nobody's")

	if _, err := (Policy{}).Dial(context.Background(), "tcp", "localhost:"+port); !errors.Is(err, ErrForbidden) {
		t.Errorf("dial: got %v, want %v", err, ErrForbidden)
	}
}

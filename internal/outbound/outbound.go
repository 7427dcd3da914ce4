// Package outbound opens the connections that the server makes because somebody configured an address: those
// of functions and destinations. It decides by address, when it dials: what a name resolves to, where a
// redirect leads and how an address is written makes no difference. What is not public is reached where the
// operator allows it, since behind it may be what trusts the server's network: its own ports, databases.
// Link-local addresses and those of cloud metadata never are: credentials of the machine are there.
//
// Packages app and function/js import it; it knows nothing of what is sent.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden is wrapped by the error of a connection to an address that may not be reached.
var ErrForbidden = errors.New("the address may not be reached")

// never are networks that nobody may reach: "this network", where 0.0.0.0 is the machine itself; where
// clouds keep metadata outside of the link-local networks (AWS and Google by IPv6, Alibaba, Oracle, Azure); and the IPv6
// ranges that carry an IPv4 address, which may be any of them (RFC 4291, 2765, 8215, 3056; RFC 6052's is read).
var never = prefixes(
	"0.0.0.0/8", "fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32",
	"::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2002::/16",
)

// special are networks that are not the public Internet beyond those that package netip tells: the registries of
// RFC 6890 and its updates.
var special = prefixes(
	"100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
)

// translated is the range by which IPv6 networks reach IPv4 addresses: the last four bytes (RFC 6052, section 2.2).
var translated = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, text := range all {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// Policy says which addresses may be reached. The zero value is the public Internet.
type Policy struct {
	// Private opens all addresses that are not public.
	Private bool
	// Allowed are networks that may be reached although they are not public.
	Allowed []netip.Prefix
	// Advice ends the error of an address that is not public: how the operator may allow it.
	Advice string
}

// refusal is why an address may not be reached, or "".
func (p Policy) refusal(address netip.Addr) string {
	address = plain(address)
	switch {
	case forbidden(address):
		return "it is nobody's to reach"
	case p.Private || within(p.Allowed, address) || public(address):
		return ""
	case p.Advice != "":
		return "it is not public; " + p.Advice
	}
	return "it is not public"
}

// plain returns an address as it is when written in no other way.
func plain(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if b := a.As16(); translated.Contains(a) {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

func forbidden(a netip.Addr) bool {
	return !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || !a.IsLoopback() && within(never, a)
}

func public(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() && !within(special, a) }

func within(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Dial opens a connection as net.Dialer does, or returns [ErrForbidden].
func (p Policy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: p.control}
	return d.DialContext(ctx, network, address)
}

// control is asked after the name is resolved, for the very address that is about to be connected to.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	host, _ := netip.ParseAddrPort(address) // what is none is no valid address either
	if reason := p.refusal(host.Addr()); reason != "" {
		return fmt.Errorf("connect to %s: %w: %s", address, ErrForbidden, reason)
	}
	return nil
}

// Client returns a client whose connections obey the policy. It goes through no proxy: a proxy would dial in
// its place. It has no time limit of its own but for waiting on a peer that says nothing: contexts have. How many
// requests are under way at once is up to who sends them.
func (p Policy) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: p.Dial, ForceAttemptHTTP2: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute, ExpectContinueTimeout: time.Second, MaxResponseHeaderBytes: 64 << 10,
	}}
}

// Package outbound opens the connections that the server makes because somebody configured an address: those
// of functions and destinations. It decides by address, when it dials: what a name resolves to, where a
// redirect leads and how an address is written makes no difference. Addresses that are not public are
// refused unless the operator allows them, since behind them may be what trusts the server's network: its own
// ports, cloud metadata, databases.
//
// Packages app and function import it; it knows nothing of what is sent.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden is wrapped by the error of a connection to an address that may not be reached.
var ErrForbidden = errors.New("the address is not public; the operator may allow it with --function-networks")

// special are networks that are not the public Internet beyond those that package netip tells: the registries of
// RFC 6890 and its updates, and the IPv6 ranges that carry an IPv4 address, which may be any.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, text := range all {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// Policy says which addresses may be reached. The zero value is the public Internet.
type Policy struct {
	// Allowed are networks that may be reached although they are not public.
	Allowed []netip.Prefix
}

// Allows reports whether an address may be reached. IPv4 addresses written as IPv6 are taken for what they are.
func (p Policy) Allows(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range p.Allowed {
		if network.Contains(address) {
			return true
		}
	}
	if !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	for _, network := range special {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// Dial opens a connection as net.Dialer does, or returns [ErrForbidden].
func (p Policy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: p.control}
	return d.DialContext(ctx, network, address)
}

// control is asked after the name is resolved, for the very address that is about to be connected to.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	host, err := netip.ParseAddrPort(address)
	if err != nil || !p.Allows(host.Addr()) {
		return fmt.Errorf("connect to %s: %w", address, ErrForbidden)
	}
	return nil
}

// Client returns a client whose connections obey the policy. It goes through no proxy: a proxy would dial in
// its place. It has no time limit of its own but for waiting on a peer that says nothing: contexts have.
func (p Policy) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: p.Dial, ForceAttemptHTTP2: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 32,
		IdleConnTimeout: 60 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 60 * time.Second,
		ExpectContinueTimeout: time.Second, MaxResponseHeaderBytes: 64 << 10,
	}}
}

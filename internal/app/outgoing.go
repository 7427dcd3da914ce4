package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errAddress is the error of a connection that may not be made.
var errAddress = errors.New("the address may not be reached")

// outgoing returns what destinations connect by. Addresses of private networks are theirs to reach, since
// operators send to their own databases and services, and only editors set destinations up; publicOnly takes that
// away. Link-local addresses never are: no destination lives there, and the credentials of cloud machines do.
// What counts is the address that a name resolves to, when it is connected to.
func outgoing(publicOnly bool) (*http.Client, func(ctx context.Context, network, address string) (net.Conn, error)) {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !reachable(to.Addr(), publicOnly) {
			return errAddress
		}
		return nil
	}}
	return &http.Client{
		Timeout: 30 * time.Second,
		// A redirect is the place's mistake, or somebody's trick: the operator sets the address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}, dialer.DialContext
}

func reachable(a netip.Addr, publicOnly bool) bool {
	a = a.Unmap()
	if a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || !a.IsValid() {
		return false
	}
	return !publicOnly || a.IsGlobalUnicast() && !a.IsPrivate()
}

package ingest

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the peers whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// ClientIP returns the address that r came from: that of the peer, or where the peer is trusted, the last
// address of X-Forwarded-For that is not trusted itself. What stands left of it can be forged. It
// returns "" if there is none to be read.
func (p Proxies) ClientIP(r *http.Request) string {
	addr, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	for _, header := range slices.Backward(r.Header["X-Forwarded-For"]) {
		for _, hop := range slices.Backward(strings.Split(header, ",")) {
			if !p.trust(addr) {
				return addr.String()
			}
			next, ok := parseAddress(strings.TrimSpace(hop))
			if !ok {
				return addr.String()
			}
			addr = next
		}
	}
	return addr.String()
}

func (p Proxies) trust(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// parseAddress reads an address with or without port, zone or brackets.
func parseAddress(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

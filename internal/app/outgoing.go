package app

import (
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/outbound"
)

// outgoing returns what destinations connect by. Addresses of private networks are theirs to reach, since
// operators send to their own databases and services, and only editors set destinations up; the operator may take that
// away.
func (a *App) outgoing() (outbound.Policy, *http.Client) {
	p := outbound.Policy{Private: !a.cfg.DestinationsPublicOnly, Advice: "the server runs with --destinations-public-only"}
	client := p.Client()
	client.Timeout = 30 * time.Second
	// A redirect is the place's mistake, or somebody's trick: the operator sets the address.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p, client
}

// fetching returns what functions send requests by: to public addresses, and to networks that the operator lists.
func (a *App) fetching() *http.Client {
	return outbound.Policy{Allowed: a.cfg.FunctionNetworks, Advice: "the operator may allow it with --function-networks"}.Client()
}

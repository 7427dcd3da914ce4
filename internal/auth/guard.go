package auth

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/debrief-dev/debrief/internal/metastore"
)

// Guard lets requests of members and tokens that have at least the role through to next, which finds them
// with [From]. Others get 401 or 403 in the shape of the API's errors. A session that changes something
// must come from our own pages: see [CSRFHeader].
func (a *Auth) Guard(role metastore.Role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := a.Identify(r)
		switch {
		case err != nil:
			a.cannotTell(r, err)
			refuse(w, http.StatusInternalServerError, "internal", "something went wrong; the server's log says what")
		case p == nil:
			w.Header().Set("WWW-Authenticate", `Bearer realm="debrief"`)
			refuse(w, http.StatusUnauthorized, "unauthorized", `log in, or send "Authorization: Bearer TOKEN"; make a token with "debrief token create"`)
		case p.Kind == "member" && !safe(r.Method) && (r.Header.Get(CSRFHeader) == "" || !a.SameSite(r)):
			refuse(w, http.StatusForbidden, "csrf", "a session changes things from Debrief's own pages only; programs use a token")
		case !p.May(role):
			refuse(w, http.StatusForbidden, "forbidden", fmt.Sprintf("this takes the role %s; yours is %s", role, p.Role))
		default:
			next.ServeHTTP(w, r.WithContext(with(r.Context(), p)))
		}
	})
}

// cannotTell logs why it is not known who asks, unless they are gone already.
func (a *Auth) cannotTell(r *http.Request, err error) {
	if r.Context().Err() == nil {
		a.log.Error("cannot tell who asks", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
}

// Attach lets every request through to next, which finds who asks with [From], if it is anybody. It is
// for pages, which send strangers to the login themselves.
func (a *Auth) Attach(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := a.Identify(r)
		if err != nil {
			a.cannotTell(r, err)
			http.Error(w, "something went wrong; the server's log says what", http.StatusInternalServerError)
			return
		}
		if p != nil {
			r = r.WithContext(with(r.Context(), p))
		}
		next.ServeHTTP(w, r)
	})
}

// Local reports whether a request comes from this machine and through no proxy.
func Local(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

// SameSite reports whether a request was made by a page of this server, or by no page at all.
func (a *Auth) SameSite(r *http.Request) bool { return a.origin.Check(r) == nil }

// Secure reports whether the browser speaks https, to us or to a proxy that we trust.
func (a *Auth) Secure(r *http.Request) bool {
	return a.https || r.TLS != nil || (a.trusts(peer(r)) && r.Header.Get("X-Forwarded-Proto") == "https")
}

// ClientIP returns the address of who asks: the peer's, or what trusted proxies say it is.
func (a *Auth) ClientIP(r *http.Request) netip.Addr {
	ip := peer(r)
	if !a.trusts(ip) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if ip = hop.Unmap(); !a.trusts(ip) {
			break
		}
	}
	return ip
}

func (a *Auth) trusts(ip netip.Addr) bool {
	for _, p := range a.proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// refuse answers in the shape of the API's errors.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message = code, message
	_ = json.NewEncoder(w).Encode(body) // the client is gone if it fails
}

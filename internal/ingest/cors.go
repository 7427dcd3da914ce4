package ingest

import "net/http"

// Values of the CORS headers that never change, shared by all answers.
var (
	anyOrigin     = []string{"*"}
	varyOrigin    = []string{"Origin"}
	yes           = []string{"true"}
	exposed       = []string{"Retry-After, X-RateLimit-Reset"}
	maxAge        = []string{"7200"}
	usualHeaders  = []string{"Authorization, Content-Type, X-Retry-Count"}
	noContentSize = []string{"0"}
)

// AllowOrigin sets the headers that let pages of any origin read the answer to r, refusals included: a
// write key is public by nature and no cookie is ever read. With credentials, the page's own cookie mode
// is allowed as well, which some SDKs set and a beacon always has.
func AllowOrigin(w http.ResponseWriter, r *http.Request, credentials bool) {
	h := w.Header()
	h["Vary"] = varyOrigin
	// Without it the browser SDK cannot see Retry-After and comes back at once.
	h["Access-Control-Expose-Headers"] = exposed
	origin := r.Header["Origin"]
	if len(origin) != 1 || origin[0] == "" {
		h["Access-Control-Allow-Origin"] = anyOrigin
		return
	}
	h["Access-Control-Allow-Origin"] = origin
	if credentials {
		h["Access-Control-Allow-Credentials"] = yes
	}
}

// Preflight answers an OPTIONS request, 204. The headers asked for are granted by name: "*" does not
// cover Authorization (Fetch standard, CORS-preflight fetch).
func Preflight(w http.ResponseWriter, r *http.Request, methods string, credentials bool) {
	AllowOrigin(w, r, credentials)
	h := w.Header()
	h["Access-Control-Allow-Methods"] = []string{methods}
	h["Allow"] = []string{methods}
	h["Access-Control-Max-Age"] = maxAge
	h["Access-Control-Allow-Headers"] = usualHeaders
	if asked := r.Header["Access-Control-Request-Headers"]; len(asked) > 0 {
		h["Access-Control-Allow-Headers"] = asked
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h["Access-Control-Allow-Private-Network"] = yes
	}
	h["Content-Length"] = noContentSize
	w.WriteHeader(http.StatusNoContent)
}

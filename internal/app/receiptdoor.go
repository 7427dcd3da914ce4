package app

import (
	"net/http"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// receiptDoor lets clients ask the API for receipts where they send events: pages of any origin may, by
// their write key.
type receiptDoor struct{ api http.Handler }

// receiptPath is where clients ask, and receiptRoute the endpoint of the API.
const (
	receiptPath  = "/v1/receipts"
	receiptRoute = "/api" + receiptPath
)

// Serves reports whether the path is this door's.
func (d receiptDoor) Serves(path string) bool { return path == receiptPath }

// ServeHTTP asks the API. What lets in members does not count here: the door is open to every origin.
func (d receiptDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		ingest.Preflight(w, r, http.MethodPost, false)
		return
	}
	ingest.AllowOrigin(w, r, false)
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = receiptRoute, ""
	r.Header.Del("Cookie")
	d.api.ServeHTTP(w, r)
}

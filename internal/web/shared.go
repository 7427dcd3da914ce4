package web

import (
	"errors"
	"net/http"
	"time"
)

// SharedPath is where shared conversations are; the secret of the link follows.
const SharedPath = "/shared/"

// ErrNotShared is returned by Config.Shared for a link that leads nowhere (any more).
var ErrNotShared = errors.New("there is nothing behind this link")

// Shared is a conversation as those may see it who have a link: masked already.
type Shared struct {
	Title     string
	Began     time.Time
	Until     time.Time // when the link ends
	Lines     []SharedLine
	Truncated bool // there is more
}

// SharedLine is one thing that was said, done or shown.
type SharedLine struct {
	At         time.Time
	Role       string // of a message; else ""
	Who        string
	Paragraphs []string
}

// showShared shows a conversation to anybody who has its link. The page works without scripts, is not
// indexed, and tells nobody where its reader came from.
func (s *site) showShared(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the secret
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	if s.Shared == nil {
		s.show(w, r, http.StatusNotFound, "unshared", nil)
		return
	}
	t, err := s.Shared(r.Context(), r.PathValue("secret"))
	switch {
	case errors.Is(err, ErrNotShared):
		s.show(w, r, http.StatusNotFound, "unshared", nil)
	case err != nil:
		s.fail(w, r, err)
	default:
		s.show(w, r, http.StatusOK, "shared", t)
	}
}

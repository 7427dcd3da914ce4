package ingest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// maxUserAgent bounds what is kept of a User-Agent header.
const maxUserAgent = 512

// UserAgent returns the User-Agent header, cut to a sane length.
func UserAgent(r *http.Request) string {
	ua := r.UserAgent()
	if len(ua) > maxUserAgent {
		ua = ua[:maxUserAgent]
	}
	return strings.ToValidUTF8(ua, "\ufffd")
}

// BasicUser returns the user name of Basic authentication: the write key. The colon and password that
// should follow may be missing, as Segment allows.
func BasicUser(r *http.Request) string {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(authorization(r, "basic "), "="))
	if err != nil {
		return ""
	}
	user, _, _ := strings.Cut(string(text), ":")
	return user
}

// BearerToken returns the token of Bearer authentication, which some clients send the write key as.
func BearerToken(r *http.Request) string { return authorization(r, "bearer ") }

// authorization returns what follows a scheme, in lower case with its space, in the Authorization header.
func authorization(r *http.Request, scheme string) string {
	auth := r.Header.Get("Authorization")
	if len(auth) < len(scheme) || !strings.EqualFold(auth[:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(auth[len(scheme):])
}

// QueryKey returns the write key of the query, as pixels and beacons send it.
func QueryKey(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return r.URL.Query().Get("writeKey")
}

// IsRetry reports whether the client says that it sent this request before: Segment's SDKs in
// X-Retry-Count, RudderStack's in Rsa-Retry-Attempt.
func IsRetry(r *http.Request) bool {
	return positive(r.Header["X-Retry-Count"]) || positive(r.Header["Rsa-Retry-Attempt"])
}

func positive(values []string) bool {
	return len(values) > 0 && strings.Trim(values[0], "0123456789") == "" && strings.Trim(values[0], "0") != ""
}

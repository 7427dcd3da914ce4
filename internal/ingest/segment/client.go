package segment

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// isClientLibrary reports whether a library runs on its user's device, so that the address the request
// comes from is the user's.
func isClientLibrary(name []byte) bool {
	var lower [64]byte
	if len(name) > len(lower) {
		return false
	}
	n := copy(lower[:], name)
	for i, c := range lower[:n] {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	switch string(lower[:n]) {
	case "analytics.js", "analytics-next", "@segment/analytics-next",
		"analytics-ios", "analytics-swift", "analytics-android", "analytics-kotlin", "analytics-csharp", "analytics-xamarin",
		"analytics-react-native", "@segment/analytics-react-native", "analytics_flutter", "analytics-flutter",
		"rudderlabs javascript sdk", "com.rudderstack.android.sdk.core", "rudder-ios-library":
		return true
	}
	return false
}

// isClientChannel reads the channel member, which RudderStack's SDKs and old ones of Segment send.
func isClientChannel(name []byte) bool {
	switch string(name) {
	case "web", "browser", "client", "mobile":
		return true
	}
	return false
}

// maxUserAgent bounds what is kept of a User-Agent header.
const maxUserAgent = 512

// userAgent returns the User-Agent header, cut to a sane length.
func userAgent(r *http.Request) string {
	ua := r.UserAgent()
	if len(ua) > maxUserAgent {
		ua = ua[:maxUserAgent]
	}
	return strings.ToValidUTF8(ua, "\ufffd")
}

// basicUser returns the user name of Basic authentication: the write key. The colon and password that
// should follow may be missing, as Segment allows.
func basicUser(r *http.Request) string {
	const scheme = "basic "
	auth := r.Header.Get("Authorization")
	if len(auth) < len(scheme) || !strings.EqualFold(auth[:len(scheme)], scheme) {
		return ""
	}
	encoded := strings.TrimRight(strings.TrimSpace(auth[len(scheme):]), "=")
	text, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return ""
	}
	user, _, _ := strings.Cut(string(text), ":")
	return user
}

// queryKey returns the write key of the query, as pixels and beacons send it.
func queryKey(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return r.URL.Query().Get("writeKey")
}

// isRetry reports whether the client says that it sent this request before: Segment's SDKs in
// X-Retry-Count, RudderStack's in Rsa-Retry-Attempt.
func isRetry(r *http.Request) bool {
	return positive(r.Header["X-Retry-Count"]) || positive(r.Header["Rsa-Retry-Attempt"])
}

func positive(values []string) bool {
	return len(values) > 0 && strings.Trim(values[0], "0123456789") == "" && strings.Trim(values[0], "0") != ""
}

package segment

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// What SDKs that are set up for OAuth ask for, and get.
const (
	tokenGrant     = "client_credentials"
	tokenAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	tokenScope     = "tracking_api:write"
	tokenSeconds   = 3600
	maxTokenForm   = 64 << 10
)

// token gives SDKs that are set up for OAuth the token they insist on. The token grants nothing and is
// never looked at: as before, the write key that goes with each request says who sends. Hence the
// assertion's signature is not checked, for which the server would need the client's key; its form and
// times are, so that a client learns of its own faults.
func (h *Handler) token(w http.ResponseWriter, r *http.Request) {
	form, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTokenForm))
	if err != nil {
		h.tokenRefused(w, "the form cannot be read")
		return
	}
	values, err := url.ParseQuery(string(form))
	switch {
	case err != nil:
		h.tokenRefused(w, "the form cannot be read")
	case values.Get("grant_type") != tokenGrant || values.Get("client_assertion_type") != tokenAssertion:
		h.tokenRefused(w, "want grant_type "+tokenGrant+" and client_assertion_type "+tokenAssertion)
	default:
		if fault := checkAssertion(values.Get("client_assertion"), h.cfg.Now()); fault != "" {
			h.tokenRefused(w, fault)
			return
		}
		body, err := json.Marshal(map[string]any{"access_token": h.cfg.NewID(), "token_type": "Bearer", "expires_in": tokenSeconds, "scope": tokenScope})
		if err != nil {
			panic("BUG: marshal token: " + err.Error())
		}
		w.Header().Set("Cache-Control", "no-store")
		ingest.AnswerJSON(w, http.StatusOK, body)
		h.metrics.Answered(http.StatusOK)
	}
}

// checkAssertion says what is wrong with a JWT, in the words that SDKs know where there are some. Their
// clocks may be wrong by a few seconds; they set them by the Date of the answer.
func checkAssertion(assertion string, now time.Time) string {
	const leeway = 5 * time.Second
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 || parts[2] == "" {
		return "client_assertion is no signed JWT"
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	var claims struct {
		Issuer   string  `json:"iss"`
		Subject  string  `json:"sub"`
		IssuedAt float64 `json:"iat"`
		Expires  float64 `json:"exp"`
	}
	if !decodePart(parts[0], &header) || !decodePart(parts[1], &claims) {
		return "client_assertion is no signed JWT"
	}
	seconds := float64(now.Unix())
	switch {
	case header.Algorithm != "RS256":
		return "client_assertion must be signed with RS256"
	case claims.Issuer == "" || claims.Subject == "":
		return "client_assertion must name its client in iss and sub"
	case claims.Expires+leeway.Seconds() < seconds:
		return "Token is expired"
	case claims.IssuedAt-leeway.Seconds() > seconds:
		return "Token used before issued"
	}
	return ""
}

func decodePart(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	return err == nil && json.Unmarshal(text, into) == nil
}

// tokenRefused answers as OAuth has it (RFC 6749, section 5.2), with the code and message of our other
// answers beside it.
func (h *Handler) tokenRefused(w http.ResponseWriter, description string) {
	body, err := json.Marshal(map[string]any{"error": "invalid_request", "error_description": description,
		"success": false, "code": "invalid_request", "message": description})
	if err != nil {
		panic("BUG: marshal refusal: " + err.Error())
	}
	w.Header().Set("Cache-Control", "no-store")
	ingest.AnswerJSON(w, http.StatusBadRequest, body)
	h.metrics.Refused("invalid_request")
	h.metrics.Answered(http.StatusBadRequest)
}

package segment

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"
)

func assertion(alg, iss string, iat, exp time.Time) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"`+alg+`","kid":"k","typ":"JWT"}`)) + "." +
		enc(fmt.Appendf(nil, `{"iss":%q,"sub":%q,"aud":"http://x","iat":%d,"exp":%d,"jti":"j"}`, iss, iss, iat.Unix(), exp.Unix())) + "." + enc([]byte("signature"))
}

func tokenForm(jwt string) string {
	return "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=" + url.QueryEscape(jwt) + "&scope=tracking_api:write"
}

// The flow of analytics-node: a token, then Bearer with the write key in the body.
func TestOAuthClientsAreServed(t *testing.T) {
	d := newDoor(t, nil)
	good := assertion("RS256", "client", testTime.Add(-5*time.Second), testTime.Add(55*time.Second))
	r := d.do(ask{path: "/token", headers: []string{"Content-Type: application/x-www-form-urlencoded"}, body: tokenForm(good)})
	var token struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   float64 `json:"expires_in"`
		Scope       string  `json:"scope"`
	}
	if err := json.Unmarshal([]byte(r.body), &token); err != nil || r.status != 200 || token.AccessToken == "" || token.TokenType != "Bearer" || token.ExpiresIn != 3600 || token.Scope != "tracking_api:write" {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	bearer := "Authorization: Bearer " + token.AccessToken
	wantSuccess(t, "with the key", d.do(ask{path: "/v1/batch", headers: []string{bearer}, body: `{"writeKey":"wk_web","batch":[` + track + `]}`}))
	wantFailure(t, "the token alone", d.do(ask{path: "/v1/batch", headers: []string{bearer}, body: batchOf(track)}), 401, "invalid_write_key")
}

func TestOAuthFaultsAreNamed(t *testing.T) {
	d := newDoor(t, nil)
	f := func(form, description string) {
		t.Helper()
		r := d.do(ask{path: "/token", body: form})
		wantFailure(t, form, r, 400, "invalid_request")
		var body map[string]any
		if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["error"] != "invalid_request" || body["error_description"] != description {
			t.Errorf("%s: got %s, want %q", form, r.body, description)
		}
	}
	now := testTime
	f(tokenForm(assertion("RS256", "c", now.Add(-time.Hour), now.Add(-time.Minute))), "Token is expired")
	f(tokenForm(assertion("RS256", "c", now.Add(time.Hour), now.Add(2*time.Hour))), "Token used before issued")
	f(tokenForm(assertion("none", "c", now, now.Add(time.Minute))), "client_assertion must be signed with RS256")
	f(tokenForm(assertion("RS256", "", now, now.Add(time.Minute))), "client_assertion must name its client in iss and sub")
	f(tokenForm("a.b"), "client_assertion is no signed JWT")
	f(tokenForm("a.b.c"), "client_assertion is no signed JWT")
	f("grant_type=password", "want grant_type client_credentials and client_assertion_type urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	f("%zz", "the form cannot be read")
}

package deliver

import (
	"encoding/base64"
	"testing"

	"github.com/debrief-dev/debrief/internal/destination"
)

// However a place quotes what it was sent, no secret is in the reason.
func TestReasonsHoldNoSecret(t *testing.T) {
	spec := destination.Spec{Settings: []destination.Setting{{Key: "url", Type: destination.URL, Secret: true}, {Key: "key", Type: destination.Text, Secret: true},
		{Key: "headers", Type: destination.Map, Secret: true}, {Key: "project", Type: destination.Text}}}
	secrets := secretsOf(&spec, destination.Settings{"url": "https://hooks.example.com/services/T0/B0123456/pa%2Bss?token=tok-123456", "key": "write-key-1",
		"headers": "X-Auth: Bearer abc-def-123", "project": "my project"})
	f := func(text, want string) {
		t.Helper()
		if got := hideSecrets(text, secrets); got != want {
			t.Errorf("%q is told as %q, want %q", text, got, want)
		}
	}
	f("401: my project does not know write-key-1", "401: my project does not know …")
	f("Cannot POST /services/T0/B0123456/pa%2Bss", "Cannot POST /…/T0/…/…")
	f("no such hook: B0123456?token=tok-123456.", "no such hook: …?….")
	f("token tok-123456", "token …")
	f("X-Auth was abc-def-123", "X-Auth was …")
	f("cut within write-k…", "cut within …")
	f("cut within write-k", "cut within …")
	f("to write", "to write")
	for _, with := range []string{"write-key-1:", "a:write-key-1", "ac:write-key-1", "acc:write-key-1"} {
		basic := base64.StdEncoding.EncodeToString([]byte(with))
		if got := hideSecrets("Authorization: Basic "+basic, secrets); len(got) > len("Authorization: Basic ")+12 {
			t.Errorf("%q is told as %q", with, got)
		}
	}
}

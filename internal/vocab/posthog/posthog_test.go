package posthog

import (
	"flag"
	"testing"

	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

func TestGolden(t *testing.T) { vocabtest.Golden(t, "testdata", *update, Vocabulary{}) }

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

func TestErrorOf(t *testing.T) {
	f := func(text, kind, message string, ok bool) {
		t.Helper()
		if k, m, o := errorOf(text); k != kind || m != message || o != ok {
			t.Errorf("%s: got %q, %q, %v; want %q, %q, %v", text, k, m, o, kind, message, ok)
		}
	}
	f(`{"name":"RateLimitError","message":"slow down","stack":"…"}`, "RateLimitError", "slow down", true)
	f(`{"name":"Error","message":"slow down","code":"rate_limit_exceeded"}`, "rate_limit_exceeded", "slow down", true)
	f(`{"status":500,"error":{"type":"server_error","message":"boom"}}`, "server_error", "boom", true)
	f(`{"message":"boom"}`, "", "boom", true)
	f(`{}`, "", "", false)
	f(`boom`, "", "", false)
	f(`null`, "", "", false)
}

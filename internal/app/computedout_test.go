package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// told are what a hook got of a trait, as "user value", in its order. All of it is identify calls of what is computed.
func (h *hook) told(key string) []string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, body := range h.bodies {
		var call struct {
			Type, UserID, MessageID string
			Traits                  map[string]any
			Context                 struct {
				Personas struct {
					Key string `json:"computation_key"`
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &call); err != nil || call.Type != "identify" || call.MessageID == "" || len(call.Traits) != 1 || call.Context.Personas.Key != key {
			h.t.Errorf("%v: not an identify call of %s: %s", err, key, body)
		}
		out = append(out, fmt.Sprint(call.UserID, " ", call.Traits[key]))
	}
	return out
}

// A trait goes the whole way: defined over HTTP, computed by the engine of what comes in at the door, and told to a
// webhook, which verifies the signature, when it changes and at no other time.
func TestComputedTraitsGoOutWhenTheyChange(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	h := startHook(t)
	s.addHook(h, `,"filter":{"sources":["computed"]}`)
	s.change(http.MethodPost, "traits", `{"key":"symbols","name":"Stocks asked about","emit":"identify","definition":{"of":"events","where":["source_event:eq:Stock Viewed"],"aggregate":"unique_list","field":"properties.symbol"}}`, nil)
	viewed := func(id, user, symbol string) string {
		return fmt.Sprintf(`{"type":"track","event":"Stock Viewed","messageId":"event-id-long-enough-%s","userId":%q,"properties":{"symbol":%q}}`, id, user, symbol)
	}
	var want []string
	await := func(more string) {
		t.Helper()
		want = append(want, more)
		s.until("the hook is told that "+more, func() bool { return len(h.told("symbols")) >= len(want) })
		if got := h.told("symbols"); !slices.Equal(got, want) {
			t.Fatalf("the hook was told %q, want %q", got, want)
		}
	}
	first := viewed("1", "ada", "ACME")
	s.post(testKey, first)
	await("ada [ACME]")
	s.post(testKey, viewed("2", "ada", "INIT"))
	await("ada [ACME INIT]")

	// The same calls again, others that say nothing new, and one that does not count: then what changes for
	// somebody else is the next that is told.
	s.post(testKey, first, viewed("2", "ada", "INIT"), viewed("3", "ada", "ACME"), strings.Replace(viewed("4", "ada", "HOLI"), "Viewed", "Bought", 1))
	s.settle()
	s.post(testKey, viewed("5", "zed", "ACME"))
	await("zed [ACME]")

	// After a restart, too.
	s.stop()
	s = start(t, dir, nil)
	s.post(testKey, first, viewed("6", "ada", "INIT"))
	s.settle()
	s.post(testKey, viewed("7", "zed", "HOLI"))
	await("zed [ACME HOLI]")
}

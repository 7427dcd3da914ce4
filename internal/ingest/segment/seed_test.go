package segment

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
)

// Every example of the AI Copilot spec that is JSON is taken as it is written there, oddities included.
func TestExamplesOfTheCopilotSpec(t *testing.T) {
	text, err := os.ReadFile(evaldata.Path(t, "seeds", "001-segment-spec-ai-copilot.md"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(t, nil)
	taken, refused := 0, 0
	for _, block := range strings.Split(string(text), "```")[1:] {
		_, example, ok := strings.Cut(block, "\n")
		if !ok || !strings.HasPrefix(strings.TrimSpace(example), "{") {
			continue
		}
		batch := ask{path: "/v1/batch", headers: []string{basic("wk_web:")}, body: batchOf(example)}
		if !json.Valid([]byte(example)) {
			wantFailure(t, example, d.do(batch), 400, "invalid_json")
			refused++
			continue
		}
		taken++
		wantSuccess(t, example, d.do(batch))
		if c := d.lastCall(); c.Type != "track" || string(c.JSON) != strings.TrimSpace(example) {
			t.Errorf("stored %s %s, want %s", c.Type, c.JSON, example)
		}
		wantSuccess(t, example, d.do(ask{path: "/v1/track", headers: []string{basic("wk_web:")}, body: example}))
	}
	if taken != 9 || refused != 1 {
		t.Errorf("%d examples are taken and %d refused, want 9 and the pseudo-JSON one", taken, refused)
	}
}

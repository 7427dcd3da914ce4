package segment

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

func TestGolden(t *testing.T) { vocabtest.Golden(t, "testdata", *update, Vocabulary{}) }

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

func TestSuggestionIsNeverTheNameItself(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := suggestion(name); got != want {
			t.Errorf("suggestion(%q) = %q, want %q", name, got, want)
		}
	}
	f("component_loaded", "Component Loaded")
	f("Component loaded", "Component Loaded")
	f("componentLoaded", "Component Loaded")
	f("MESSAGE-SENT", "Message Sent")
	f(" Message Sent", "Message Sent")
	f("feedback__submitted", "Feedback Submitted")
	f("custom_component_loaded", "Component Loaded")
	f("Message Sent", "")
	f("Message Sent!", "")
	f("Messages Sent", "")
	f("", "")
	f("Item Purchased", "")
	f("a name far longer than any of the specification's", "")
}

// TestEveryMappedEventHasAGoldenCase reads the mapping table and looks for a case of each of its rows.
func TestEveryMappedEventHasAGoldenCase(t *testing.T) {
	data, err := os.ReadFile(evaldata.Path(t, "spec", "mapping.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Event  string     `json:"source_event"`
		Kind   event.Kind `json:"kind"`
		Action string     `json:"action"`
	}
	have := map[row]bool{}
	cases := append(vocabtest.Cases(t, "testdata"), vocabtest.Cases(t, "../screeb/testdata")...)
	for _, c := range cases {
		var r row
		if err := json.Unmarshal(c.Want, &r); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		have[r] = true
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(line, "\t")
		if f[0] != "segment" && f[0] != "screeb" {
			continue
		}
		n++
		want := row{f[1], event.Kind(f[3]), f[4]}
		switch want.Event {
		case "identify":
			want.Kind, want.Action = event.KindIdentity, "identified"
		case "any other track":
			want.Event = "Item Purchased"
		}
		if !have[want] {
			t.Errorf("no golden case of %+v", want)
		}
	}
	if n != 19 {
		t.Errorf("%d rows of the mapping table, want 19", n)
	}
}

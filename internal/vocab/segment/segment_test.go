package segment

import (
	"flag"
	"testing"

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

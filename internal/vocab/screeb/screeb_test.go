package screeb

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

func TestGolden(t *testing.T) { vocabtest.Golden(t, "testdata", *update, Vocabulary{}) }

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

// TestEveryGenerationOfThePage maps the events of each version of Screeb's page.
func TestEveryGenerationOfThePage(t *testing.T) {
	f, err := os.Open(evaldata.Path(t, "spec", "fixtures", "screeb.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var fixture struct {
			Generation string
			In         map[string]any
			Want       struct {
				Event, Action, Role string
				Score               *float64
				Min                 *float64 `json:"rating_min"`
				Max                 *float64 `json:"rating_max"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &fixture); err != nil {
			t.Fatal(err)
		}
		fixture.In["type"], fixture.In["userId"] = "track", "user-1"
		call, err := json.Marshal(fixture.In)
		if err != nil {
			t.Fatal(err)
		}
		var got event.Event
		if err := json.Unmarshal(vocabtest.Row(t, vocabtest.Case{Call: call}, Vocabulary{}), &got); err != nil {
			t.Fatal(err)
		}
		want := fixture.Want
		if string(got.Kind) != want.Event || got.Action != want.Action || got.Role != want.Role || got.Vocabulary != "screeb" ||
			!equal(got.Score, want.Score) || !equal(got.RatingMin, want.Min) || !equal(got.RatingMax, want.Max) {
			t.Errorf("%s: %s\ngot %+v", fixture.Generation, lines.Text(), got)
		}
		if len(got.Violations) > 0 {
			t.Errorf("%s: %s\nviolations %v, want none", fixture.Generation, call, got.Violations)
		}
	}
	if n == 0 {
		t.Error("no fixtures")
	}
}

func equal(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

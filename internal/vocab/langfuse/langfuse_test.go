package langfuse

import (
	"flag"
	"testing"

	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

func TestGolden(t *testing.T) { vocabtest.Golden(t, "testdata", *update, Vocabulary{}) }

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

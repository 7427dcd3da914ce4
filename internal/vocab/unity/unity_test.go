package unity

import (
	"flag"
	"testing"

	"github.com/debrief-dev/debrief/internal/vocab/segment"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

// The segment vocabulary takes what is not Unity's.
func TestGolden(t *testing.T) {
	vocabtest.Golden(t, "testdata", *update, Vocabulary{}, segment.Vocabulary{})
}

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

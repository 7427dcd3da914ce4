package pendo

import (
	"flag"
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
	"github.com/debrief-dev/debrief/internal/vocab/vocabtest"
)

var update = flag.Bool("update", false, "write the rows of golden files")

func TestGolden(t *testing.T) { vocabtest.Golden(t, "testdata", *update, Vocabulary{}) }

// The names are everybody's words: without what Pendo requires, an event is no event of Pendo's.
func TestEverydayWordsAreLeftAlone(t *testing.T) {
	for _, properties := range []string{
		`{}`, `{"conversationId":"c","messageId":"m","content":"x"}`, `{"agentId":"a","messageId":"m","content":"x"}`,
		`{"agentId":"a","conversationId":"c","content":"x"}`, `{"agentId":"a","conversationId":"c","messageId":"m"}`,
	} {
		var e event.Event
		call := vocabtest.Case{Call: []byte(`{"type":"track","event":"prompt","userId":"u","properties":` + properties + `}`)}
		if err := vocab.NewMapper(nil, Vocabulary{}, segment.Vocabulary{}).Map(call.Input(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Vocabulary != "segment" || e.Kind != event.KindProduct {
			t.Errorf("%s is %s/%s of %s", properties, e.Kind, e.Action, e.Vocabulary)
		}
	}
}

func TestLaws(t *testing.T) { vocabtest.Laws(t, Vocabulary{}, vocabtest.Cases(t, "testdata")) }

func FuzzMap(f *testing.F) { vocabtest.Fuzz(f, Vocabulary{}, vocabtest.Cases(f, "testdata")) }

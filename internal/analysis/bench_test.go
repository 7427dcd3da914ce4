package analysis

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
)

// silent finds nothing, so that what is measured is all but the words.
type silent struct{}

func (silent) Explain(turns []enrich.Turn, _ int) []enrich.Reasons {
	return make([]enrich.Reasons, len(turns))
}

func (silent) Analyse(turns []enrich.Turn) enrich.Conversation {
	return enrich.Conversation{Messages: make([]enrich.Message, len(turns))}
}

// BenchmarkJudge is what signals and the conclusion of an analysis cost a message, without store and words;
// BenchmarkWords is the same with the analysers of words.
func BenchmarkJudge(b *testing.B) { judged(b, silent{}) }

func BenchmarkWords(b *testing.B) { judged(b, enrich.New()) }

func judged(b *testing.B, words Analyser) {
	texts := []string{
		"Can you show me how my portfolio did over the last three months, without the dividends?",
		"Here is your portfolio over the last three months. It gained 4.2 %, most of it in technology; without dividends it is 3.9 %.",
		"And compared with the index?", "The index gained 5.1 % in the same time, so you were a little behind it.",
	}
	c := &conversation{row: eventstore.ConversationRow{Conversation: event.Conversation{ID: "c"}}}
	for i := range 12 {
		c.events = append(c.events, say("c", "ada", []string{"user", "agent"}[i%2], 20*i, texts[i%4]))
	}
	a, err := Open(context.Background(), Config{Store: memstore.New(), Marks: &memory{marks: map[string]Mark{}}, Analyser: words, Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		b.Fatal(err)
	}
	all := make([]*conversation, 100)
	for i := range all {
		other := *c
		other.row.ID = fmt.Sprint("c", i)
		all[i] = &other
	}
	b.ReportAllocs()
	for b.Loop() {
		a.judge(all)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1200, "ns/message")
}

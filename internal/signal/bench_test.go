package signal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/signal"
)

// BenchmarkJudge judges a conversation of twelve messages, with what it costs a message.
func BenchmarkJudge(b *testing.B) {
	texts := []string{
		"Can you show me how my portfolio did over the last three months, without the dividends?",
		"Here is your portfolio over the last three months. It gained 4.2 %, most of it in technology; without dividends it is 3.9 %.",
		"And compared with the index?", "The index gained 5.1 % in the same time, so you were a little behind it.",
	}
	c := &signal.Conversation{ID: "c", Now: start.Add(time.Hour)}
	for i := range 12 {
		role := []string{event.RoleUser, event.RoleAgent}[i%2]
		c.Events = append(c.Events, &event.Event{ID: fmt.Sprint("e", i), OccurredAt: start.Add(time.Duration(i*20) * time.Second), Kind: event.KindMessage, Role: role, MessageID: fmt.Sprint("m", i), Body: new(texts[i%4])})
	}
	b.ReportAllocs()
	for b.Loop() {
		signal.Judge(c, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/12, "ns/message")
}

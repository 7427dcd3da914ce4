package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

func sentimentTask() Task {
	return Task{
		Name:    "sentiment",
		Summary: "the tone of a message",
		Reads:   `{"id": "m1", "text": "Still waiting for an answer."}`,
		Writes:  `{"id": "m1", "label": "negative", "score": -0.8}`,
		Run: messages(event.RoleUser, func(m *Message, found *enrich.Message, out *Writer) error {
			label := found.Sentiment
			if label == "" { // no words
				label = "neutral"
			}
			return out.Put(struct {
				ID    string  `json:"id"`
				Label string  `json:"label"`
				Score float64 `json:"score"`
			}{m.ID, label, found.SentimentScore})
		}),
	}
}

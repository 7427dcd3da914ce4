package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/enrich/emotion"
	"github.com/debrief-dev/debrief/internal/event"
)

func emotionTask() Task {
	return Task{
		Name:    "emotion",
		Summary: "anger, sadness, joy in the last message of the user",
		Reads:   `{"id": "c1", "turns": [{"role": "user", "text": "where is it"}, {"role": "agent", "text": "I do not know."}, {"role": "user", "text": "you are useless"}]}`,
		Writes:  `{"id": "c1", "label": "angry"}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			label := emotion.Others
			for i, t := range c.Turns {
				if t.Role == event.RoleUser && found.Messages[i].Emotion != "" {
					label = found.Messages[i].Emotion
				}
			}
			return out.Put(struct {
				ID    string `json:"id"`
				Label string `json:"label"`
			}{c.ID, label})
		}),
	}
}

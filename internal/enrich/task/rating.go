package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

func ratingTask() Task {
	return Task{
		Name:    "rating",
		Summary: "what the user would say if asked: thumbs on answers, a rating of the conversation, from 0 to 1",
		Reads:   `{"id": "c1", "turns": [{"role": "user", "text": "Hi!"}, {"role": "agent", "text": "Hello, how can I help?"}]}`,
		Writes:  `{"id": "c1", "turn": 1, "thumb": 0.64} and {"id": "c1", "rating": 0.41}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			type thumb struct {
				ID    string  `json:"id"`
				Turn  int     `json:"turn"`
				Thumb float64 `json:"thumb"`
			}
			type rating struct {
				ID     string  `json:"id"`
				Rating float64 `json:"rating"`
			}
			for i, m := range found.Messages {
				if c.Turns[i].Role != event.RoleAgent {
					continue
				}
				if err := out.Put(thumb{c.ID, i, m.ThumbUp}); err != nil {
					return err
				}
			}
			return out.Put(rating{c.ID, found.Rating})
		}),
	}
}

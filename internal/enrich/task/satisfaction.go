package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/event"
)

func satisfactionTask() Task {
	return Task{
		Name:    "satisfaction",
		Summary: "messages at which the user is dissatisfied, and how well the conversation went, from 0 to 1",
		Reads:   `{"id": "c1", "turns": [{"role": "agent", "text": "Which city?"}, {"role": "user", "text": "No, I said that already!"}]}`,
		Writes:  `{"id": "c1", "turn": 1, "dissatisfied": 0.7, "flag": true} and {"id": "c1", "satisfaction": 0.3}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			type turn struct {
				ID           string  `json:"id"`
				Turn         int     `json:"turn"`
				Dissatisfied float64 `json:"dissatisfied"`
				Flag         bool    `json:"flag"`
			}
			type whole struct {
				ID           string  `json:"id"`
				Satisfaction float64 `json:"satisfaction"`
			}
			for i, m := range found.Messages {
				if c.Turns[i].Role != event.RoleUser {
					continue
				}
				if err := out.Put(turn{c.ID, i, m.Dissatisfied, m.Dissatisfied >= satisfaction.Threshold}); err != nil {
					return err
				}
			}
			return out.Put(whole{c.ID, found.Satisfaction})
		}),
	}
}

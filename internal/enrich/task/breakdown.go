package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

func breakdownTask() Task {
	return Task{
		Name:    "breakdown",
		Summary: "answers that do not fit what was said before",
		Reads:   `{"id": "c1", "turns": [{"role": "user", "text": "Do you like films?"}, {"role": "agent", "text": "The weather is 12."}]}`,
		Writes:  `{"id": "c1", "turn": 1, "score": 0.71}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			type line struct {
				ID    string  `json:"id"`
				Turn  int     `json:"turn"`
				Score float64 `json:"score"`
			}
			for i, m := range found.Messages {
				if c.Turns[i].Role != event.RoleAgent {
					continue
				}
				if err := out.Put(line{c.ID, i, m.Bad}); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

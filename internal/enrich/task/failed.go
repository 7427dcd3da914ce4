package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/event"
)

func failedTask() Task {
	return Task{
		Name:    "failed",
		Summary: "answers that could not find or do what was asked",
		Reads:   `{"id": "c1", "turns": [{"role": "user", "text": "A table for four?"}, {"role": "agent", "text": "Sorry, nothing is free."}]}`,
		Writes:  `{"id": "c1", "turn": 1, "score": 0.97, "flag": true}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			type line struct {
				ID    string  `json:"id"`
				Turn  int     `json:"turn"`
				Score float64 `json:"score"`
				Flag  bool    `json:"flag"`
			}
			for i, m := range found.Messages {
				if c.Turns[i].Role != event.RoleAgent {
					continue
				}
				if err := out.Put(line{c.ID, i, m.Failed, m.Failed >= failed.Threshold}); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

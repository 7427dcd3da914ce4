package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

func goalTask() Task {
	return Task{
		Name:    "goal",
		Summary: "whether the user takes what is offered, turns it down, and in the end took something",
		Reads:   `{"id": "c1", "turns": [{"role": "agent", "text": "How about Jaws?"}, {"role": "user", "text": "Great, I will watch it."}]}`,
		Writes:  `{"id": "c1", "turn": 1, "accept": 0.93, "reject": 0.04} and {"id": "c1", "accepted": 0.9}`,
		Run: conversations(func(c *Conversation, found *enrich.Conversation, out *Writer) error {
			type reply struct {
				ID     string  `json:"id"`
				Turn   int     `json:"turn"`
				Accept float64 `json:"accept"`
				Reject float64 `json:"reject"`
			}
			type goal struct {
				ID       string  `json:"id"`
				Accepted float64 `json:"accepted"`
			}
			for i, m := range found.Messages {
				if c.Turns[i].Role != event.RoleUser {
					continue
				}
				if err := out.Put(reply{c.ID, i, m.Accept, m.Reject}); err != nil {
					return err
				}
			}
			return out.Put(goal{c.ID, found.Goal})
		}),
	}
}

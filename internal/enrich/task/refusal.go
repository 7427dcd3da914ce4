package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
	"github.com/debrief-dev/debrief/internal/event"
)

func refusalTask() Task {
	return Task{
		Name:    "refusal",
		Summary: "answers that decline to help, given what was asked",
		Reads:   `{"id": "a1", "prompt": "Whose number is this?", "text": "I'm sorry, but I can't share that."}`,
		Writes:  `{"id": "a1", "score": 0.99, "flag": true}`,
		Run: func(in *Reader, out *Writer) error {
			type answer struct {
				Message
				Prompt string `json:"prompt"`
			}
			a := enrich.New()
			return lines(in, func(r *answer) error {
				found := a.Analyse([]enrich.Turn{{Role: event.RoleUser, Text: r.Prompt}, {Role: event.RoleAgent, Text: r.Text}})
				score := found.Messages[1].Refusal
				return out.Put(flagged{r.ID, score, score >= refusal.Threshold})
			})
		},
	}
}

package task

import (
	"errors"
	"io"

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
			for {
				var r answer
				if err := in.Next(&r); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return err
				}
				found := a.Analyse([]enrich.Turn{{Role: event.RoleUser, Text: r.Prompt}, {Role: event.RoleAgent, Text: r.Text}})
				score := found.Messages[1].Refusal
				if err := out.Put(flagged{r.ID, score, score >= refusal.Threshold}); err != nil {
					return err
				}
			}
		},
	}
}

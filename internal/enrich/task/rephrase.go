package task

import (
	"errors"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/rephrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func rephraseTask() Task {
	return Task{
		Name:    "rephrase",
		Summary: "how likely two requests ask for the same",
		Reads:   `{"id": "p1", "a": "Where is my card?", "b": "When will my card arrive?"}`,
		Writes:  `{"id": "p1", "score": 0.71}`,
		Run: func(in *Reader, out *Writer) error {
			analyser := rephrase.New()
			var a, b words.Text
			var scratch linear.Input
			return lines(in, func(l *twoTexts) error {
				a.Read(l.A)
				b.Read(l.B)
				return out.Put(struct {
					ID    string  `json:"id"`
					Score float64 `json:"score"`
				}{l.ID, analyser.Score(&a, &b, &scratch)})
			})
		},
	}
}

// twoTexts is a line that has two.
type twoTexts struct {
	ID string `json:"id"`
	A  string `json:"a"`
	B  string `json:"b"`
}

func (l *twoTexts) check() error {
	if l.ID == "" {
		return errors.New(`has no "id"`)
	}
	return nil
}

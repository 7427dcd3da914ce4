package task

import (
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

func languageTask() Task {
	return Task{
		Name:    "language",
		Summary: "the language of a message",
		Reads:   `{"id": "m1", "text": "Wo ist meine Bestellung?"}`,
		Writes:  `{"id": "m1", "lang": "de"}`,
		Run: messages(event.RoleUser, func(m *Message, found *enrich.Message, out *Writer) error {
			return out.Put(struct {
				ID   string `json:"id"`
				Lang string `json:"lang"`
			}{m.ID, found.Language})
		}),
	}
}

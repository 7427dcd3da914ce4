package task

import "github.com/debrief-dev/debrief/internal/enrich"

// flagged is what tasks of yes or no write.
type flagged struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
	Flag  bool    `json:"flag"`
}

// messages is the body of a task that looks at one message at a time, as the only one of its conversation.
func messages(role string, each func(m *Message, found *enrich.Message, out *Writer) error) func(*Reader, *Writer) error {
	return func(in *Reader, out *Writer) error {
		a := enrich.New()
		return lines(in, func(m *Message) error {
			found := a.Analyse([]enrich.Turn{{Role: role, Text: m.Text}})
			return each(m, &found.Messages[0], out)
		})
	}
}

package task

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/topics"
	"github.com/debrief-dev/debrief/internal/event"
)

// topicsTask finds known topics, or as many as there are (0).
func topicsTask(known int) Task {
	return Task{
		Name:    "topics",
		Summary: "what texts or conversations ask for; topics-77 finds 77 topics; all lines are held in memory",
		Reads:   `{"id": "m1", "text": "Where is my card?"}`,
		Writes:  `{"id": "m1", "cluster": 4}`,
		Run:     func(in *Reader, out *Writer) error { return runTopics(known, in, out) },
	}
}

// topicsOf understands "topics-77".
func topicsOf(name string) (Task, bool) {
	number, ok := strings.CutPrefix(name, "topics-")
	if n, err := strconv.Atoi(number); ok && err == nil && n > 0 {
		return topicsTask(n), true
	}
	return Task{}, false
}

// textOrTurns is a line with either.
type textOrTurns struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Turns []struct {
		Role string `json:"role"`
		Text string `json:"text"`
	} `json:"turns"`
}

func (l *textOrTurns) check() error {
	if l.ID == "" {
		return errors.New(`has no "id"`)
	}
	return nil
}

func runTopics(known int, in *Reader, out *Writer) error {
	var docs []topics.Doc
	err := lines(in, func(l *textOrTurns) error {
		d := topics.Doc{ID: l.ID}
		if l.Text != "" {
			d.Texts = append(d.Texts, l.Text)
		}
		for _, t := range l.Turns {
			if t.Role == event.RoleUser {
				d.Texts = append(d.Texts, t.Text)
			}
		}
		docs = append(docs, d)
		return nil
	})
	if err != nil {
		return err
	}
	model, labels := topics.Fit(docs, topics.Config{Topics: known})
	for i, l := range labels {
		if err := out.Put(struct {
			ID      string `json:"id"`
			Cluster int    `json:"cluster"`
		}{docs[i].ID, l}); err != nil {
			return err
		}
	}
	for i, t := range model.Topics {
		if err := out.Put(struct {
			Cluster string   `json:"cluster"`
			Terms   []string `json:"terms"`
		}{fmt.Sprint(i), t.Terms}); err != nil {
			return err
		}
	}
	return nil
}

// Command train makes the weights of package emotion from the emotion_emocontext set, and from requests of
// topics_clinc as examples of what people ask copilots without emotion.
package main

import (
	"encoding/json"

	"github.com/debrief-dev/debrief/internal/enrich/emotion"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("emotion")
	p.Exit(run(p))
}

type chat struct {
	ID    string
	Label string
	Text  string // of CLINC150
	Turns []struct{ Role, Text string }
}

type prediction struct {
	ID       string  `json:"id"`
	Label    string  `json:"label"`
	Negative float64 `json:"negative"`
}

// every is which requests are taken: there are 20,000, and of others there are enough.
const every = 10

func run(p *fit.Program) error {
	set := &fit.Set{Header: emotion.Header()}
	var ids []string
	var last []chat
	var talk words.Talk
	var in linear.Input
	add := func(c *chat, label string, weight float64) {
		target := make([]float64, len(emotion.Names))
		for k, name := range emotion.Names {
			target[k] = float64(linear.Is(label == name))
		}
		emotion.Input(&talk, len(talk.Turns)-1, &in)
		set.Add(&in, target, weight, c.ID)
	}
	err := p.Lines("emotion_emocontext.jsonl", func(line []byte) error {
		var c chat
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		talk.Reset()
		for _, t := range c.Turns {
			talk.Add(t.Role, t.Text)
		}
		add(&c, c.Label, 1)
		ids = append(ids, c.ID)
		last = append(last, c)
		return nil
	})
	if err != nil {
		return err
	}
	// People are angry in their first message too, where the set has none: some of its last messages stand alone.
	for i := 0; i < len(last); i += 3 {
		talk.Reset()
		talk.Add(words.User, last[i].Turns[len(last[i].Turns)-1].Text)
		add(&last[i], last[i].Label, 0.5)
	}
	n := 0
	err = p.Lines("topics_clinc.jsonl", func(line []byte) error {
		if n++; n%every != 0 {
			return nil
		}
		var c chat
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		talk.Reset()
		talk.Add(words.User, c.Text)
		add(&c, emotion.Others, 1)
		return nil
	})
	if err != nil {
		return err
	}
	cfg := fit.Config{Loss: fit.Softmax, L2: 0.1, DenseL2: 1, Iterations: 60}
	if p.Folds == 0 {
		return p.Store(set.Fit(cfg), "")
	}
	for i, sums := range set.OutOfFold(cfg, fit.Fold(p.Folds))[:len(ids)] {
		linear.Softmax(sums)
		q := [4]float64(sums)
		if err := p.Print(prediction{ids[i], emotion.Names[emotion.Choose(q)], q[0] + q[1]}); err != nil {
			return err
		}
	}
	return nil
}

// Command train makes the weights of package emotion from the emotion_emocontext set, and from requests of
// topics_clinc as examples of what people ask copilots without emotion.
package main

import (
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
	Turns []struct{ Text string }
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
	var in linear.Input
	add := func(talk *words.Talk, c *chat, label string, weight float64) {
		target := make([]float64, len(emotion.Names))
		for k, name := range emotion.Names {
			target[k] = float64(linear.Is(label == name))
		}
		emotion.Input(talk, len(talk.Turns)-1, &in)
		set.Add(&in, target, weight, c.ID)
	}
	err := fit.Conversations(p, "emotion_emocontext.jsonl", func(talk *words.Talk, c *chat) error {
		add(talk, c, c.Label, 1)
		ids = append(ids, c.ID)
		last = append(last, *c)
		return nil
	})
	if err != nil {
		return err
	}
	// People are angry in their first message too, where the set has none: some of its last messages stand alone.
	alone := func(c *chat, text, label string, weight float64) {
		var talk words.Talk
		talk.Add(words.User, text)
		add(&talk, c, label, weight)
	}
	for i := 0; i < len(last); i += 3 {
		c := &last[i]
		alone(c, c.Turns[len(c.Turns)-1].Text, c.Label, 0.5)
	}
	n := 0
	err = fit.Lines(p, "topics_clinc.jsonl", func(c *chat) error {
		if n++; n%every == 0 {
			alone(c, c.Text, emotion.Others, 1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	cfg := fit.Config{Loss: fit.Softmax, L2: 0.1, DenseL2: 1, Iterations: 60}
	return p.Finish(set, cfg, len(ids), func(i int, sums []float64) any {
		linear.Softmax(sums)
		q := [4]float64(sums)
		return prediction{ids[i], emotion.Names[emotion.Choose(q)], q[0] + q[1]}
	})
}

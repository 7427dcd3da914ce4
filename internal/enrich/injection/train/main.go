// Command train makes the weights of package injection from the injection set without its source deepset, which has
// no licence and only measures; from requests of CLINC150, users' turns of MultiWOZ and DBDC3, sentences of UDHR and chats as what is harmless; and from
// own.txt. Prompts of a family are never divided between training and test.
package main

import (
	_ "embed"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/injection"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed own.txt
var own string

func main() {
	p := fit.Start("injection")
	p.Exit(run(p))
}

type prompt struct {
	ID, Source, Text, Family string
	Label                    any                           // 1 is an attack; other sets have words
	Turns                    []struct{ Role, Text string } // of a conversation
}

type prediction struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
	Flag  bool    `json:"flag"`
}

// Few sets have long prompts that are harmless, and those are what is taken for attacks: each of such counts as many,
// and those of our own that are longer than long bytes.
const (
	rare    = 10
	ownRare = 3
	long    = 120
)

func run(p *fit.Program) error {
	set := &fit.Set{Header: injection.Header()}
	var ids []string
	var talk words.Talk
	var in linear.Input
	add := func(text string, attack bool, weight float64, group string) {
		talk.Reset()
		talk.Add(words.User, text)
		injection.Input(&talk, 0, &in)
		set.Add(&in, []float64{float64(linear.Is(attack))}, weight, group)
	}
	err := fit.Lines(p, "injection.jsonl", func(r *prompt) error {
		weight := 1.0
		if r.Source == "deepset" { // only measured
			if weight = 0; p.Folds == 0 {
				return nil
			}
		}
		if r.Source == "mt_bench" || r.Source == "roleplay_prompts" {
			weight = rare
		}
		add(r.Text, r.Label == 1.0, weight, r.Family)
		ids = append(ids, r.ID)
		return nil
	})
	if err != nil {
		return err
	}
	if err := harmless(p, func(text string) { add(text, false, 0.5, text) }); err != nil {
		return err
	}
	fit.Own(own, []string{"+", "-"}, func(sign, text string) {
		weight := 1.0
		if sign == "-" && len(text) > long {
			weight = ownRare
		}
		add(text, sign == "+", weight, text)
	})
	cfg := p.Config(fit.Config{L2: 0.3, DenseL2: 30, Rare: true})
	return p.Finish(set, cfg, len(ids), func(i int, sums []float64) any {
		score := linear.Logistic(sums[0])
		return prediction{ids[i], score, score >= injection.Threshold}
	})
}

// harmless calls add with what people ask copilots: every so many of a set, so that none outweighs the others.
func harmless(p *fit.Program, add func(text string)) error {
	n := 0
	err := fit.Lines(p, "topics_clinc.jsonl", func(r *prompt) error {
		if n++; n%20 == 0 {
			add(r.Text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := otherLanguages(p, add); err != nil {
		return err
	}
	return fit.Lines(p, "failed_answer.jsonl", func(r *prompt) error {
		if !strings.HasPrefix(r.ID, "mwoz") {
			return nil
		}
		if len(r.Turns) > 0 && r.Turns[0].Role == words.User {
			add(r.Turns[0].Text)
		}
		return nil
	})
}

// otherLanguages calls add with chats in Japanese and English, and with sentences and chats of 42 languages: a model
// that has seen only attacks in a language takes the language for one.
func otherLanguages(p *fit.Program, add func(text string)) error {
	n := 0
	err := fit.Lines(p, "breakdown_dbdc3.jsonl", func(r *prompt) error {
		for _, t := range r.Turns {
			if n++; t.Role == words.User && n%3 == 0 {
				add(t.Text)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return fit.Lines(p, "language.jsonl", func(r *prompt) error {
		if r.Source == "chat" || strings.HasPrefix(r.Source, "udhr") {
			add(r.Text)
		}
		return nil
	})
}

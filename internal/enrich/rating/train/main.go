// Command train makes the weights of package rating from the rating_convai set. The weights of badanswer are
// used, and were made from other data.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/debrief-dev/debrief/internal/enrich/badanswer"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/enrich/rating"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

func main() {
	p := fit.Start("rating")
	p.Exit(run(p))
}

type conversation struct {
	ID     string
	Rating *float64
	Turns  []struct{ Thumb *float64 }
}

type prediction struct {
	ID     string   `json:"id"`
	Turn   int      `json:"turn"`
	Thumb  *float64 `json:"thumb,omitempty"`
	Rating *float64 `json:"rating,omitempty"`
}

func run(p *fit.Program) error {
	thumbs, ratings := &fit.Set{Header: rating.ThumbHeader()}, &fit.Set{Header: rating.Header()}
	var atThumb, atRating []prediction
	var in linear.Input
	judge := badanswer.New()
	days, err := userDays(p)
	if err != nil {
		return err
	}
	err = fit.Conversations(p, "rating_convai.jsonl", func(talk *words.Talk, c *conversation) error {
		group := days[c.ID]
		bad := make([]float64, len(talk.Turns))
		for i, t := range c.Turns {
			if talk.Turns[i].Role == words.Agent {
				bad[i] = judge.Score(talk, i, &in)
			}
			if t.Thumb != nil {
				rating.ThumbInput(talk, i, bad[i], &in)
				thumbs.Add(&in, []float64{*t.Thumb}, 1, group)
				atThumb = append(atThumb, prediction{ID: c.ID, Turn: i})
			}
		}
		if c.Rating != nil {
			rating.Input(talk, bad, &in)
			ratings.Add(&in, []float64{(*c.Rating - 1) / 4}, 1, group)
			atRating = append(atRating, prediction{ID: c.ID})
		}
		return nil
	})
	if err != nil {
		return err
	}
	forThumbs := p.Config(fit.Config{L2: 30, DenseL2: 100, Rare: true})
	forRatings := fit.Config{Loss: fit.Squared, L2: 30, DenseL2: 200, Rare: true}
	if p.Folds == 0 {
		if err := p.Store(thumbs.Fit(forThumbs), "thumb.bin"); err != nil {
			return err
		}
		return p.Store(ratings.Fit(forRatings), "rating.bin")
	}
	err = p.Predict(thumbs, forThumbs, len(atThumb), func(i int, sums []float64) any {
		v := linear.Logistic(sums[0])
		atThumb[i].Thumb = &v
		return atThumb[i]
	})
	if err != nil {
		return err
	}
	return p.Predict(ratings, forRatings, len(atRating), func(i int, sums []float64) any {
		atRating[i].Rating = &sums[0]
		return atRating[i]
	})
}

// userDays says whose a conversation was and on which day: people come back within a day and rate alike, so
// that conversations of the same user and day are held out together, as the set itself is divided.
func userDays(p *fit.Program) (map[string]string, error) {
	f, err := os.Open(filepath.Join(p.Data, "..", "corpus", "convai.events.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	days := map[string]string{}
	for lines := json.NewDecoder(bufio.NewReader(z)); lines.More(); {
		var call struct {
			UserID     string
			Timestamp  string
			Properties struct {
				ConversationID string `json:"conversationId"`
			}
		}
		if err := lines.Decode(&call); err != nil {
			return nil, err
		}
		if id := call.Properties.ConversationID; days[id] == "" && len(call.Timestamp) >= len("2006-01-02") {
			days[id] = call.UserID + call.Timestamp[:len("2006-01-02")]
		}
	}
	return days, nil
}

package satisfaction

import (
	"github.com/debrief-dev/debrief/internal/enrich/course"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// Fields of the n-grams of FullInput.
const (
	message = 1 + iota
	answer
	earlier
)

// FullHeader describes weights over all that is known of a turn: what can be learned where there are labels
// that may be used, as a workspace's own feedback.
func FullHeader() linear.Header {
	return linear.Header{
		Name: "satisfaction, fitted", Bits: 17, Outputs: []string{"dissatisfied"},
		Dense: append(course.UserNames(), "rejects", "accepts", "answer before failed", "answer before is bad", "any answer so far failed"),
	}
}

// FullInput writes all that is known of turn i: all measures, what other analysers found, and the n-grams of
// the message, the answer before it and the user's message before that.
func FullInput(talk *words.Talk, i int, found *Found, in *linear.Input) {
	in.Reset()
	in.Add(message, &talk.Turns[i].Text)
	if said, _ := talk.Before(i, words.Agent); said != nil {
		in.AddWords(answer, &said.Text)
	}
	if own, _ := talk.Before(i, words.User); own != nil {
		in.AddWords(earlier, &own.Text)
	}
	in.Dense = course.User(talk, i, in.Dense)
	others := scores(talk, i, found)
	in.Dense = append(in.Dense, others[:]...)
}

package enrich

import (
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// Reason is what moved a score: a word of the message, or the name of a feature, and by how much of its
// log odds.
type Reason = linear.Reason

// Reasons are what is behind the scores of one message, the heaviest first. Those of the other role are nil.
type Reasons struct {
	Dissatisfied, Accept, Reject, Injection, Rephrase []Reason // of the user's
	Refusal, Failed, Bad, ThumbUp                     []Reason // of the agent's
}

// Explain says what is behind the scores that Analyse gives to the turns, at most most reasons a score. It
// quotes words of the messages. It costs several times what Analyse does, so ask it of the conversation that
// somebody looks at.
func (a *Analyser) Explain(turns []Turn, most int) []Reasons {
	s := a.scratch.Get().(*scratch)
	defer a.scratch.Put(s)
	s.read(turns)
	c := Conversation{Messages: make([]Message, len(turns))}
	a.languages(s, &c)
	out := make([]Reasons, len(turns))
	for i := range s.talk.Turns {
		t, m := &s.talk.Turns[i], &c.Messages[i]
		switch {
		case t.Empty():
		case t.Role == words.User:
			a.user(s, i, m)
			a.explainUser(s, i, &out[i], most)
		case t.Role == words.Agent:
			a.agent(s, i, m)
			out[i] = Reasons{
				Refusal: a.refusal.Explain(&s.talk, i, most), Failed: a.failed.Explain(&s.talk, i, most),
				Bad: a.bad.Explain(&s.talk, i, most), ThumbUp: a.rating.ExplainThumb(&s.talk, i, m.Bad, most),
			}
		}
	}
	return out
}

func (a *Analyser) explainUser(s *scratch, i int, r *Reasons, most int) {
	*r = Reasons{
		Accept: a.goal.ExplainAccept(&s.talk, i, most), Reject: a.goal.ExplainReject(&s.talk, i, most),
		Injection:    a.injection.Explain(&s.talk, i, most),
		Dissatisfied: a.satisfaction.Explain(&s.talk, i, &s.found, most),
	}
	if before, _ := s.talk.Before(i, words.User); before != nil {
		r.Rephrase = a.rephrase.Explain(&before.Text, &s.talk.Turns[i].Text, most)
	}
}

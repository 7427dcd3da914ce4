package enrich

import (
	"slices"
	"sync"

	"github.com/debrief-dev/debrief/internal/enrich/badanswer"
	"github.com/debrief-dev/debrief/internal/enrich/emotion"
	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/enrich/goal"
	"github.com/debrief-dev/debrief/internal/enrich/injection"
	"github.com/debrief-dev/debrief/internal/enrich/language"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/rating"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
	"github.com/debrief-dev/debrief/internal/enrich/rephrase"
	"github.com/debrief-dev/debrief/internal/enrich/satisfaction"
	"github.com/debrief-dev/debrief/internal/enrich/sentiment"
	"github.com/debrief-dev/debrief/internal/enrich/words"
	"github.com/debrief-dev/debrief/internal/event"
)

// MaxTurns is how many turns of a conversation are looked at; of what follows nothing is found. With
// [words.MaxBytes] it bounds the cost of one conversation.
const MaxTurns = 2000

// Analyser asks all analysers about a conversation. Any number of goroutines may use it.
type Analyser struct {
	language     *language.Detector
	emotion      *emotion.Analyser
	injection    *linear.Turns
	sentiment    *sentiment.Analyser
	refusal      *linear.Turns
	failed       *linear.Turns
	bad          *linear.Turns
	rating       *rating.Analyser
	goal         *goal.Analyser
	satisfaction *satisfaction.Analyser
	rephrase     *rephrase.Analyser

	scratch sync.Pool // *scratch
}

// scratch is the memory of one call of Analyse.
type scratch struct {
	talk         words.Talk
	in           linear.Input
	sure         []float64 // of the language of each turn
	found        satisfaction.Found
	dissatisfied []float64
	tone         []float64 // sentiment of the user's turns
}

// New loads the weights of all analysers: a few megabytes of memory, some milliseconds. Make one and share it.
func New() *Analyser {
	return &Analyser{
		language:     language.New(),
		emotion:      emotion.New(),
		injection:    injection.New(),
		sentiment:    sentiment.New(),
		refusal:      refusal.New(),
		failed:       failed.New(),
		bad:          badanswer.New(),
		rating:       rating.New(),
		goal:         goal.New(),
		satisfaction: satisfaction.New(),
		rephrase:     rephrase.New(),
		scratch:      sync.Pool{New: func() any { return new(scratch) }},
	}
}

// Analyse looks at the turns of a conversation, in their order. It keeps none of them. Of each message it
// reads [words.MaxBytes].
func (a *Analyser) Analyse(turns []Turn) Conversation {
	s := a.scratch.Get().(*scratch)
	defer a.scratch.Put(s)
	s.read(turns)
	c := Conversation{Messages: make([]Message, len(turns))}
	a.languages(s, &c)
	asked, answered := false, false
	for i := range s.talk.Turns {
		t, m := &s.talk.Turns[i], &c.Messages[i]
		switch {
		case t.Empty():
		case t.Role == words.User:
			asked = true
			a.user(s, i, m)
		case t.Role == words.Agent:
			answered = true
			a.agent(s, i, m)
		}
	}
	if c.Judged = asked && answered; c.Judged {
		a.conversation(s, &c)
	}
	return c
}

// read splits the turns into words. Other roles than the two keep their place and are not read.
func (s *scratch) read(turns []Turn) {
	s.talk.Reset()
	for _, t := range turns[:min(len(turns), MaxTurns)] {
		switch t.Role {
		case event.RoleUser:
			s.talk.Add(words.User, t.Text)
		case event.RoleAgent:
			s.talk.Add(words.Agent, t.Text)
		default:
			s.talk.Add("", "")
		}
	}
	n := len(s.talk.Turns)
	s.found.Failed, s.found.Bad = zeros(s.found.Failed, n), zeros(s.found.Bad, n)
	s.found.Replies, s.dissatisfied, s.tone = zeros(s.found.Replies, n), zeros(s.dissatisfied, n), zeros(s.tone, n)
}

// zeros makes v n zeros long, in its own memory if that is enough.
func zeros[T any](v []T, n int) []T {
	v = slices.Grow(v[:0], n)[:n]
	clear(v)
	return v
}

// user finds what is in a message of the user, after what is in the answers before it.
func (a *Analyser) user(s *scratch, i int, m *Message) {
	m.Sentiment, m.SentimentScore = a.sentiment.Score(&s.talk.Turns[i].Text, m.Language, &s.in)
	s.tone[i] = m.SentimentScore
	m.Emotion, _ = a.emotion.Score(&s.talk, i, &s.in)
	m.Injection = a.injection.Score(&s.talk, i, &s.in)
	reply := a.goal.Reply(&s.talk, i, &s.in)
	s.found.Replies[i] = reply
	m.Accept, m.Reject = reply.Accept, reply.Reject
	m.Dissatisfied = a.satisfaction.Dissatisfied(&s.talk, i, &s.found, &s.in)
	s.dissatisfied[i] = m.Dissatisfied
	if before, _ := s.talk.Before(i, words.User); before != nil {
		m.Rephrase = a.rephrase.Score(&before.Text, &s.talk.Turns[i].Text, &s.in)
	}
}

// agent finds what is in an answer.
func (a *Analyser) agent(s *scratch, i int, m *Message) {
	m.Sentiment, m.SentimentScore = a.sentiment.Score(&s.talk.Turns[i].Text, m.Language, &s.in)
	m.Failed = a.failed.Score(&s.talk, i, &s.in)
	m.Refusal = a.refusal.Score(&s.talk, i, &s.in)
	m.Bad = a.bad.Score(&s.talk, i, &s.in)
	s.found.Failed[i], s.found.Bad[i] = m.Failed, m.Bad
	m.ThumbUp = a.rating.Thumb(&s.talk, i, m.Bad, &s.in)
}

// conversation finds what is in the conversation as a whole, after its messages.
func (a *Analyser) conversation(s *scratch, c *Conversation) {
	c.Rating = a.rating.Rating(&s.talk, s.found.Bad, &s.in)
	c.Goal = a.goal.Goal(&s.talk, s.found.Replies, &s.in)
	c.Satisfaction = satisfaction.Conversation(&s.talk, s.dissatisfied, s.tone)
}

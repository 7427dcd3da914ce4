package enrich

import (
	"sync"

	"github.com/debrief-dev/debrief/internal/enrich/failed"
	"github.com/debrief-dev/debrief/internal/enrich/language"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
	"github.com/debrief-dev/debrief/internal/enrich/words"
	"github.com/debrief-dev/debrief/internal/event"
)

// MaxTurns is how many turns of a conversation are looked at; of what follows nothing is found. With
// [words.MaxBytes] it bounds the cost of one conversation.
const MaxTurns = 2000

// Analyser asks all analysers about a conversation. Any number of goroutines may use it.
type Analyser struct {
	failed   *failed.Analyser
	language *language.Detector
	refusal  *refusal.Analyser

	scratch sync.Pool // *scratch
}

// scratch is the memory of one call of Analyse.
type scratch struct {
	talk words.Talk
	in   linear.Input
	sure []float64 // of the language of each turn
}

// New loads the weights of all analysers: a few megabytes of memory, some milliseconds. Make one and share it.
func New() *Analyser {
	return &Analyser{
		failed:   failed.New(),
		language: language.New(),
		refusal:  refusal.New(),
		scratch:  sync.Pool{New: func() any { return new(scratch) }},
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
	for i := range s.talk.Turns {
		t, m := &s.talk.Turns[i], &c.Messages[i]
		switch {
		case t.Empty():
		case t.Role == words.User:
			a.user(s, i, m)
		case t.Role == words.Agent:
			a.agent(s, i, m)
		}
	}
	a.conversation(s, &c)
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
}

// user finds what is in a message of the user.
func (a *Analyser) user(s *scratch, i int, m *Message) {
}

// agent finds what is in an answer.
func (a *Analyser) agent(s *scratch, i int, m *Message) {
	m.Failed = a.failed.Score(&s.talk, i, &s.in)
	m.Refusal = a.refusal.Score(&s.talk, i, &s.in)
}

// conversation finds what is in the conversation as a whole, after its messages.
func (a *Analyser) conversation(s *scratch, c *Conversation) {
}

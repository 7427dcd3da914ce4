package analysis

import (
	"context"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/signal"
)

// Explanation is an analysis with what is behind each figure.
type Explanation struct {
	Analysis *event.Analysis
	// Rule is the rule that decided the outcome.
	Rule  signal.Outcome
	Turns []signal.Turn
	// Messages are what was found in each message, in order.
	Messages []Message
	// Judged says that there was enough to go by for the figures of the conversation as a whole.
	Judged       bool
	Satisfaction float64 // by the words alone
}

// Message is what was found in one.
type Message struct {
	EventID, MessageID, Role string
	At                       time.Time
	Captured                 bool // its text was
	Found                    enrich.Message
	Reasons                  enrich.Reasons
}

// mostReasons is how many words and facts are told of one score.
const mostReasons = 5

// Explain analyses a conversation now, from its events, and stores nothing. It returns
// [eventstore.ErrNotFound] if there is none.
func (a *Analysis) Explain(ctx context.Context, id string) (*Explanation, error) {
	var out *Explanation
	err := a.read(ctx, []string{id}, func(some []*conversation, _ []string) error {
		for _, c := range some {
			if len(c.events) > 0 {
				out = a.explain(c)
			}
		}
		return nil
	})
	if err == nil && out == nil {
		err = fmt.Errorf("conversation %q: %w", id, eventstore.ErrNotFound)
	}
	return out, err
}

func (a *Analysis) explain(c *conversation) *Explanation {
	a.mu.Lock()
	j := judgement{analyser: a.config.Analyser, settings: a.settings, learned: a.learned, version: Version(a.state.Generation), now: a.config.Now().UTC().Truncate(time.Microsecond)}
	a.mu.Unlock()
	x := j.conversation(c)
	out := &Explanation{Analysis: x.analysis, Turns: x.verdict.Turns, Judged: x.found.Judged, Satisfaction: x.found.Satisfaction}
	for _, r := range signal.Outcomes() {
		if r.Rule == x.verdict.Rule {
			out.Rule = r
		}
	}
	reasons := j.analyser.Explain(signal.Turns(c.events), mostReasons)
	i := 0
	for _, e := range c.events {
		if !signal.IsMessage(e) {
			continue
		}
		out.Messages = append(out.Messages, Message{EventID: e.ID, MessageID: e.MessageID, Role: e.Role, At: e.OccurredAt, Captured: e.Body != nil, Found: x.found.Messages[i], Reasons: reasons[i]})
		i++
	}
	return out
}

// Score is one score of a message, 0..1, and what is behind it, if that can be said.
type Score struct {
	Name    string
	Score   float64
	Because []enrich.Reason
}

// Scores returns the scores that a message of its role has.
func (m *Message) Scores() []Score {
	f := &m.Found
	switch {
	case !m.Captured:
		return nil
	case m.Role == event.RoleUser:
		return []Score{
			{"dissatisfied", f.Dissatisfied, m.Reasons.Dissatisfied}, {"accept", f.Accept, m.Reasons.Accept}, {"reject", f.Reject, m.Reasons.Reject},
			{"rephrase", f.Rephrase, m.Reasons.Rephrase}, {"injection", f.Injection, m.Reasons.Injection},
		}
	case m.Role == event.RoleAgent:
		return []Score{
			{"refusal", f.Refusal, m.Reasons.Refusal}, {"failed", f.Failed, m.Reasons.Failed}, {"bad", f.Bad, m.Reasons.Bad}, {"thumb_up", f.ThumbUp, m.Reasons.ThumbUp},
		}
	}
	return nil
}

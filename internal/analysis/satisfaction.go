package analysis

import (
	"math"
	"slices"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/signal"
)

// signalFactor is how much the log odds of satisfaction grow with a signal of weight one. It is a judgement:
// one answer that was executed (+0.8) makes an even chance one of 83 %.
const signalFactor = 2

// satisfaction concludes from words and signals how satisfied the user is, 0..1; nil when neither says anything.
// Ratings are no part of it.
func (j *judgement) satisfaction(found *enrich.Conversation, signals []event.Signal) *float64 {
	if l := j.learned; l != nil && l.Used {
		if p, ok := l.predict(found, signals); ok {
			return &p
		}
	}
	return shipped(found, signals)
}

// shipped is what Debrief concludes before it has learned from a workspace's own ratings: the analyser's
// satisfaction, moved by what people did and by the course that its words do not know.
func shipped(found *enrich.Conversation, signals []event.Signal) *float64 {
	sum, any := 0.0, false
	for i := range signals {
		if s := &signals[i]; moves(s.Name, found.Judged) && s.Dimension == signal.Answer && s.Weight != 0 {
			sum += s.Weight
			any = true
		}
	}
	if !any && !found.Judged {
		return nil
	}
	odds := 0.0
	if found.Judged {
		odds = logit(found.Satisfaction)
	}
	p := sigmoid(odds + signalFactor*math.Tanh(sum))
	return &p
}

// moves reports whether a signal moves satisfaction: ratings do not, and where the analyser has judged the
// words, nor do the signals that come from words.
func moves(name string, judged bool) bool {
	d, ok := signal.Find(name)
	switch {
	case !ok || name == "rating" || name == "thumbs":
		return false
	case !judged:
		return true
	case d.Group == signal.Words:
		return false
	}
	return !slices.Contains([]string{"thanks", "rephrase", "loop", "rage", "follow_up", "asked_for_person"}, name)
}

func logit(p float64) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	return math.Log(p / (1 - p))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

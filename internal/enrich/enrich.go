// Package enrich reads what people and copilots wrote, and says what it finds: the language of a message,
// its sentiment, whether an answer refused or failed, whether the user is satisfied. There is one folder
// each analyser, and this package asks them all about one conversation.
//
// Analysers are pure Go and pure functions: same words, same result; no clock, no I/O, no network. Their
// weights are data in their folders with the source named, and the program that made them is in the
// folder train beside them. An Analyser may be used by any number of goroutines.
package enrich

import (
	"github.com/debrief-dev/debrief/internal/enrich/injection"
	"github.com/debrief-dev/debrief/internal/enrich/refusal"
)

// Turn is one message of a conversation.
type Turn struct {
	Role string // an event.Role constant
	Text string // "" if it was not captured
}

// Message is what was found in one turn. Which fields are set depends on its role. Scores are from 0 to 1 and
// larger is more of it; whether that is enough to say so is Threshold's business.
type Message struct {
	Language       string  // ISO 639-1, "" if it cannot be told
	Sentiment      string  // negative neutral positive
	SentimentScore float64 // -1..1

	// Of the user's turns.
	Emotion      string  // angry sad happy others
	Dissatisfied float64 // the user is dissatisfied at this turn
	Accept       float64 // takes what was offered
	Reject       float64 // turns it down
	Injection    float64 // tries to make the copilot leave its instructions
	Rephrase     float64 // asks again what the user's turn before asked; 0 for the first

	// Of the agent's turns.
	Refusal float64 // declines to help
	Failed  float64 // could not find or do what was asked
	Bad     float64 // does not fit what was said before
	ThumbUp float64 // would be given a thumb up; 0.5 says nothing
}

// Conversation is what was found in a conversation.
type Conversation struct {
	Messages     []Message // as the turns
	Satisfaction float64   // 0..1, larger is better
	Rating       float64   // 0..1: what the user would have rated
	Goal         float64   // 0..1: how likely the user got or took what was wanted
	// Judged says that there was enough to go by for the three above: at least one turn of the user and one of
	// the agent, with their words.
	Judged bool
}

// Scores of a message from which its analysers say that it is so.
const (
	InjectionThreshold = injection.Threshold
	RefusalThreshold   = refusal.Threshold
)

// Version is that of all analysers together. Whoever changes what one of them answers raises it, so that
// history is analysed again.
const Version = 5

package event

import "time"

// Analysis is what Debrief concluded of one conversation: never something that a client said, never a row,
// never counted as an event. It is a function of the conversation's events (and of when its person came
// back), so it may be made anew at any time; the newest replaces the one before. The JSON names are also
// names of query fields at the grain of conversations, except where a comment says otherwise.
//
// Zero values mean absent: not looked at, or nothing found to go by.
type Analysis struct {
	ConversationID string `json:"conversation_id"`

	// Version is that of the analyser that made it; a higher one makes history be analysed again.
	Version    int64     `json:"analysis_version"`
	AnalysedAt time.Time `json:"analysed_at"` // server's clock; UTC microseconds

	// Outcome is one of the Outcome constants but OutcomeConverted: what counts as a conversion is asked
	// with the question. The query field "outcome" is therefore computed: converted, else this.
	Outcome string `json:"outcome"`
	// OutcomeReason says in words which rule decided; no query field.
	OutcomeReason string `json:"outcome_reason,omitempty"`

	Language       string   `json:"language,omitempty"`        // ISO 639-1 of most of what the user wrote
	Sentiment      string   `json:"sentiment,omitempty"`       // negative neutral positive: of the user's messages together
	SentimentScore *float64 `json:"sentiment_score,omitempty"` // -1..1, their mean
	Emotion        string   `json:"emotion,omitempty"`         // angry sad happy others: the strongest of the user's messages

	// Quality is the mean over the turns that have a signal of dimension answer, each tanh of the sum of
	// their weights: -1..1. ImpliedSatisfaction is what the analyser concludes of all words and signals, 0..1;
	// explicit ratings are no part of either. PredictedRating is what the user would have rated, 0..1.
	Quality             *float64 `json:"quality,omitempty"`
	ImpliedSatisfaction *float64 `json:"implied_satisfaction,omitempty"`
	PredictedRating     *float64 `json:"predicted_rating,omitempty"`
	// GoalReached is how likely the user got or took what was wanted, 0..1.
	GoalReached *float64 `json:"goal_reached,omitempty"`

	// How many messages of the conversation were found to be such.
	DissatisfiedTurns int64 `json:"dissatisfied_turns"` // of the user
	InjectionAttempts int64 `json:"injection_attempts"` // of the user
	Refusals          int64 `json:"refusals"`           // of the agent
	FailedAnswers     int64 `json:"failed_answers"`     // of the agent: could not find or do what was asked
	BadAnswers        int64 `json:"bad_answers"`        // of the agent: does not fit what was said before

	// Signals are in the order of their events. The query field "signal" is the set of their names.
	Signals []Signal `json:"signals,omitempty"`
}

// Outcomes of a conversation, by the published rules of package signal. OutcomeConverted is never stored.
const (
	OutcomeConverted = "converted"
	OutcomeResolved  = "resolved"
	OutcomeAbandoned = "abandoned"
	OutcomeFailed    = "failed"
	OutcomeEscalated = "escalated"
	OutcomeOpen      = "open" // may still go on
)

// Signal is one sign of how well it went, with its reason.
type Signal struct {
	Name      string    `json:"name"`                 // of the catalogue of package signal: "rephrase"
	Dimension string    `json:"dimension"`            // answer suggestion trust tool latency ui
	Weight    float64   `json:"weight"`               // -1..1; 0 is neutral, for findings that are only shown
	EventID   string    `json:"event_id,omitempty"`   // the event that shows it
	MessageID string    `json:"message_id,omitempty"` // the message that it judges, where it judges one
	At        time.Time `json:"at"`
	// Reason says in words what was seen ("same words 0.82, 40 s apart"). It quotes nobody.
	Reason string `json:"reason"`
}

// ConversationTopic says which topic a conversation belongs to; a new one replaces it, an empty Topic
// removes it. Query fields at the grain of conversations: "topic" and "topic_group".
type ConversationTopic struct {
	ConversationID string
	Topic          string // id of the topic, which stays when it is renamed
	Group          string // id of the topic above it; "" where topics have no hierarchy
}

// ConversationLabels are what people marked a conversation with; new ones replace them all, none removes
// them. Query field at the grain of conversations: "label", set-valued.
type ConversationLabels struct {
	ConversationID string
	Labels         []string
}

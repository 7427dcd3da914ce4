package api

import (
	"context"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Analyses conclude how conversations went. Their methods return [ErrNotFound] for what does not exist and
// [ErrInvalid] for settings out of bounds.
type Analyses interface {
	// Signals returns the catalogue as it is set.
	Signals(ctx context.Context) (Signals, error)
	// SetSignal changes one and makes history be analysed again; the zero value is the default.
	SetSignal(ctx context.Context, name string, s SignalSetting) (Signal, error)
	// PreviewSignal says what another setting would find in the last days; it changes nothing.
	PreviewSignal(ctx context.Context, name string, s SignalSetting) (SignalPreview, error)
	// Progress says how far the analysis is.
	Progress(ctx context.Context) (AnalysisProgress, error)
	// Rerun makes all of history be analysed again.
	Rerun(ctx context.Context) error
	// Explain analyses one conversation, with what is behind each figure.
	Explain(ctx context.Context, id string) (AnalysisExplained, error)
	// Learning returns what was learned from ratings; Learn does it now.
	Learning(ctx context.Context) (Learning, error)
	Learn(ctx context.Context) (Learning, error)
}

// Signals is the catalogue, and the rules that decide outcomes.
type Signals struct {
	Signals  []Signal      `json:"signals"`
	Outcomes []OutcomeRule `json:"outcomes"` // the first that holds decides
}

// Signal is one sign of how well a conversation went.
type Signal struct {
	Name          string            `json:"name"`
	Title         string            `json:"title"`
	Group         string            `json:"group"` // explicit action course words
	Dimension     string            `json:"dimension"`
	Weight        float64           `json:"weight"`
	DefaultWeight float64           `json:"default_weight"`
	FixedWeight   bool              `json:"fixed_weight"` // it is what was rated
	Weights       string            `json:"weights,omitempty"`
	Rule          string            `json:"rule"` // names of thresholds in braces
	Off           bool              `json:"off"`
	Changed       bool              `json:"changed"` // from the defaults
	Thresholds    []SignalThreshold `json:"thresholds"`
}

// SignalThreshold is a number that people may tune.
type SignalThreshold struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Unit    string  `json:"unit"`
	Value   float64 `json:"value"`
	Default float64 `json:"default"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
}

// SignalSetting is what people change of a signal. The zero value is the default.
type SignalSetting struct {
	Off        bool               `json:"off"`
	Weight     *float64           `json:"weight"`
	Thresholds map[string]float64 `json:"thresholds"`
}

// OutcomeRule decides how a conversation ended.
type OutcomeRule struct {
	Rule    string `json:"rule"`
	Outcome string `json:"outcome"`
	Text    string `json:"text"`
}

// SignalPreview is what another setting would find.
type SignalPreview struct {
	Signal        string          `json:"signal"`
	From          time.Time       `json:"from"`
	Until         time.Time       `json:"until"`
	Conversations int64           `json:"conversations"` // looked at, the newest
	Of            int64           `json:"of"`            // of these
	Now           int64           `json:"now"`
	Then          int64           `json:"then"`
	Gained        []SignalFinding `json:"gained"`
	Lost          []SignalFinding `json:"lost"`
}

// SignalFinding is a conversation with a signal.
type SignalFinding struct {
	ConversationID string    `json:"conversation_id"`
	At             time.Time `json:"at"`
	EventID        string    `json:"event_id"`
	Reason         string    `json:"reason"`
}

// AnalysisProgress is how far the analysis is.
type AnalysisProgress struct {
	Version       int64      `json:"version"`
	Conversations int64      `json:"conversations"`
	Current       int64      `json:"current"` // analysed by this version
	Waiting       int64      `json:"waiting"` // something came in them a moment ago
	Running       bool       `json:"running"` // history is analysed again
	Next          *time.Time `json:"next"`
}

// AnalysisExplained is an analysis with what is behind each figure.
type AnalysisExplained struct {
	Analysis     ConversationAnalysis `json:"analysis"`
	Rule         OutcomeRule          `json:"rule"`
	Turns        []AnalysedTurn       `json:"turns"` // those with a signal of dimension answer
	Messages     []AnalysedMessage    `json:"messages"`
	Satisfaction *float64             `json:"satisfaction"` // by the words alone; nil: not enough to go by
}

// ConversationAnalysis is what was concluded, with its list of signals also where that is empty.
type ConversationAnalysis struct {
	*event.Analysis
	Signals []event.Signal `json:"signals"`
}

// AnalysedTurn is a question with its answers.
type AnalysedTurn struct {
	Index   int     `json:"index"` // from 0
	Quality float64 `json:"quality"`
}

// AnalysedMessage is what was found in one message.
type AnalysedMessage struct {
	EventID        string          `json:"event_id"`
	MessageID      string          `json:"message_id,omitempty"`
	Role           string          `json:"role"`
	At             time.Time       `json:"at"`
	Captured       bool            `json:"captured"` // its text was
	Language       string          `json:"language,omitempty"`
	Sentiment      string          `json:"sentiment,omitempty"`
	SentimentScore *float64        `json:"sentiment_score,omitempty"`
	Emotion        string          `json:"emotion,omitempty"`
	Scores         []AnalysedScore `json:"scores"`
}

// AnalysedScore is one score of a message, and what is behind it.
type AnalysedScore struct {
	Name    string           `json:"name"`
	Score   float64          `json:"score"` // 0..1
	Because []AnalysedReason `json:"because,omitempty"`
}

// AnalysedReason is a word or a fact that moved a score.
type AnalysedReason struct {
	What   string  `json:"what"`
	Weight float64 `json:"weight"`
}

// Learning is what was learned from a workspace's own ratings.
type Learning struct {
	Ratings int64      `json:"ratings"` // rated conversations that could be learned from
	Needed  int64      `json:"needed"`
	Used    bool       `json:"used"`
	Reason  string     `json:"reason"` // why it is used or not, in words
	At      *time.Time `json:"at"`
	Folds   int        `json:"folds"`
	// Learned and Shipped are the same out-of-fold test of both; nil before it was learned.
	Learned *LearningFit  `json:"learned"`
	Shipped *LearningFit  `json:"shipped"`
	Terms   []LearnedTerm `json:"terms"` // the strongest first
}

// LearningFit is how well ratings are told from each other.
type LearningFit struct {
	AUC float64 `json:"auc"`
	Lo  float64 `json:"lo"` // 95 % interval
	Hi  float64 `json:"hi"`
}

// LearnedTerm is what one signal or score adds.
type LearnedTerm struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	Weight float64 `json:"weight"` // change of the log odds with one more, or from 0 to 1
	N      int64   `json:"n"`      // conversations that have it
	Words  string  `json:"words"`
}

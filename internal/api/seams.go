package api

import (
	"context"
	"errors"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/insight"
)

// Errors that the implementations of this file's interfaces return, wrapped or not; the API answers 404,
// 409 and 400. The text of ErrInvalid's wrapper is shown to the sender; anything else is a 500.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("conflict")
	ErrInvalid  = errors.New("invalid")
)

// Workspace is what questions take from the workspace when they do not say it.
type Workspace struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Zone      string `json:"zone"`       // IANA name
	WeekStart string `json:"week_start"` // "monday"
}

// Me is who sends a request. The API fills in the workspace.
type Me struct {
	Kind      string    `json:"kind"` // member or token
	Name      string    `json:"name"`
	Email     string    `json:"email,omitempty"` // of members
	Role      Role      `json:"role"`
	Workspace Workspace `json:"workspace"`
}

// Sources are the places that events come from.
type Sources interface {
	// Sources returns all, the oldest first.
	Sources(ctx context.Context) ([]Source, error)
	// CreateSource adds one with a write key.
	CreateSource(ctx context.Context, n NewSource) (Source, error)
	// UpdateSource changes one and returns it as it is then, or ErrNotFound.
	UpdateSource(ctx context.Context, id string, c SourceChange) (Source, error)
}

// Keys are the write keys of sources.
type Keys interface {
	// RotateKey adds a key, makes the older ones unknown at once if revoke says so, and returns the
	// source; or ErrNotFound.
	RotateKey(ctx context.Context, source string, revoke bool) (Source, error)
}

// Source is one source.
type Source struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Enabled     bool              `json:"enabled"`
	WriteKeys   []string          `json:"write_keys"`   // newest first
	RatingScale string            `json:"rating_scale"` // "" is none
	Redaction   string            `json:"redaction"`    // off, structured or all
	Content     string            `json:"content"`      // full, redacted or metadata
	Settings    map[string]string `json:"settings"`
	CreatedAt   time.Time         `json:"created_at"`
}

// NewSource says what CreateSource creates.
type NewSource struct {
	Name        string            `json:"name"`
	RatingScale string            `json:"rating_scale"`
	Settings    map[string]string `json:"settings"`
	// WriteKey is a key that clients have already, as the website id of another vendor; "" makes one. A key
	// that another source has is [ErrConflict].
	WriteKey string `json:"write_key"`
}

// SourceChange says what UpdateSource changes; nil leaves a value.
type SourceChange struct {
	Name        *string           `json:"name"`
	Enabled     *bool             `json:"enabled"`
	RatingScale *string           `json:"rating_scale"`
	Redaction   *string           `json:"redaction"`
	Content     *string           `json:"content"`
	Settings    map[string]string `json:"settings"` // replaces all
}

// Redaction is what the doors took out of calls: never what it was, only how often.
type Redaction interface {
	// Masked returns the counts of the days in UTC that [from, until) touches, by day, source and rule; a
	// zero bound is open.
	Masked(ctx context.Context, from, until time.Time) ([]MaskedCount, error)
	// Rules are all rules, in the order that they are shown in.
	Rules() []RedactionRule
}

// MaskedCount is how often a rule masked something in the calls of a source on a day.
type MaskedCount struct {
	Day    string `json:"day"` // 2026-05-01, in UTC
	Source string `json:"source"`
	Rule   string `json:"rule"`
	N      int64  `json:"n"`
}

// RedactionRule is one rule and what it does.
type RedactionRule struct {
	Name  string `json:"name"`
	About string `json:"about"`
	// Level is the least redaction that the rule works at, structured or all; "metadata" is the content mode.
	Level string `json:"level"`
	N     int64  `json:"n"` // in the time asked for
}

// Tallies are exact counts of what became of the calls of a source, of all time.
type Tallies interface {
	// Tally returns those of one source; zeros if it has none.
	Tally(ctx context.Context, source string) (Tally, error)
}

// Tally is what the event store cannot know about a source: calls that became no event.
type Tally struct {
	Rejections map[string]int64 // by code
	Duplicates int64
	Conflicts  int64
}

// Rejections are the newest calls that were refused.
type Rejections interface {
	// Rejections returns at most limit, the newest first: of one source or, with "", of all.
	Rejections(ctx context.Context, source string, limit int) ([]Rejection, error)
}

// Rejection is one call that was refused.
type Rejection struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	ReceivedAt time.Time `json:"received_at"`
	Type       string    `json:"type,omitempty"`
	Code       string    `json:"code"`
	Message    string    `json:"message"`
	Call       string    `json:"call"` // what was sent; "" when it was too large to keep
}

// Tokens are the keys to this API.
type Tokens interface {
	// Tokens returns the living ones, without secrets, the oldest first.
	Tokens(ctx context.Context) ([]Token, error)
	// CreateToken adds one and returns it with its secret.
	CreateToken(ctx context.Context, n NewToken) (Token, error)
	// DeleteToken revokes one at once, or returns ErrNotFound.
	DeleteToken(ctx context.Context, id string) error
}

// Token is one token.
type Token struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Role       Role      `json:"role"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	Secret     string    `json:"secret,omitempty"` // of a new one
}

// NewToken says what CreateToken creates.
type NewToken struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// Conversions are the definitions of what counts as a conversion.
type Conversions interface {
	insight.Conversions
	// PutConversion adds or replaces the definition of that name.
	PutConversion(ctx context.Context, c insight.Conversion) error
	// DeleteConversion removes one, or returns ErrNotFound.
	DeleteConversion(ctx context.Context, name string) error
}

// Feed is what comes in, as it comes in.
type Feed interface {
	// Subscribe returns the items after the one with id after, as far as they are remembered; 0 is from
	// now on. The channel is closed when the server stops. cancel must be called once.
	Subscribe(after uint64) (items <-chan FeedItem, cancel func())
}

// FeedItem is an event, a rejection, or a gap: exactly one is set.
type FeedItem struct {
	ID        uint64 // ascending
	Event     *event.Event
	Rejection *Rejection
	Missed    int // items that were left out because the subscriber was slow
}

// Status is how the server is doing.
type Status struct {
	Version  string         `json:"version"`
	Pipeline PipelineStatus `json:"pipeline"`
	Store    StoreStatus    `json:"store"`
	Log      LogStatus      `json:"log"`
	Problems []Problem      `json:"problems"`
}

// PipelineStatus is how far the figures are behind what was acknowledged.
type PipelineStatus struct {
	LogEnd     uint64  `json:"log_end"`
	Cursor     uint64  `json:"cursor"`
	LagRecords int64   `json:"lag_records"` // 0: every acknowledged call is in the figures
	LagMS      float64 `json:"lag_ms"`
	// OpenTraces are the traces, and conversations that have had some, that wait to be derived: their turns
	// are not in the figures yet.
	OpenTraces int64 `json:"open_traces"`
	// AnalysisWaiting are the conversations in which something came and that are not analysed yet.
	AnalysisWaiting int64 `json:"analysis_waiting"`
}

// StoreStatus are the sizes of the event store.
type StoreStatus struct {
	Events         int64            `json:"events"`
	Conversations  int64            `json:"conversations"`
	Bytes          int64            `json:"bytes"`
	BytesByPurpose map[string]int64 `json:"bytes_by_purpose"`
}

// LogStatus is the size of the event log.
type LogStatus struct {
	Bytes int64 `json:"bytes"`
}

// Problem is something that somebody should look at.
type Problem struct {
	Part    string `json:"part"`
	Message string `json:"message"`
}

// TestSent is a test conversation that the door has accepted.
type TestSent struct {
	ConversationID string `json:"conversation_id"`
	Events         int    `json:"events"`
}

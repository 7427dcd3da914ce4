package event

import "time"

// Conversation is what is known of one conversation, derived from its tracked events alone (never
// stored as events, never counted as such). The JSON names are also the names of query fields at the
// grain of conversations. Times are UTC microseconds; absent times are zero.
//
// Facts named "first …" take the first non-empty value in conversation order ([Event.Before]).
type Conversation struct {
	Workspace string `json:"workspace,omitempty"`
	ID        string `json:"conversation_id"`

	Source      string `json:"source"`                 // of the first event
	UserID      string `json:"user_id,omitempty"`      // first
	AnonymousID string `json:"anonymous_id,omitempty"` // first
	SessionID   string `json:"session_id,omitempty"`   // first
	GroupID     string `json:"group_id,omitempty"`     // first
	AgentID     string `json:"agent_id,omitempty"`     // first
	Mode        string `json:"mode,omitempty"`         // first
	Channel     string `json:"channel,omitempty"`      // first
	Locale      string `json:"locale,omitempty"`       // first
	Title       string `json:"title,omitempty"`        // last non-empty title

	// At is the conversation's time: its first conversation/started event, else its first event.
	// Day, hour and cohort of a conversation are those of At.
	At           time.Time `json:"at"`
	Started      bool      `json:"started"` // has a conversation/started event
	FirstEventAt time.Time `json:"first_event_at"`
	LastEventAt  time.Time `json:"last_event_at"`

	// Ended is explicit: a conversation/ended or /deleted event. EndedAt is the last such event's
	// time, EndReason its reason.
	Ended     bool      `json:"ended"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	EndReason string    `json:"end_reason,omitempty"`

	Events             int64 `json:"events"`   // tracked events
	Messages           int64 `json:"messages"` // all roles
	UserMessages       int64 `json:"user_messages"`
	AgentMessages      int64 `json:"agent_messages"`
	HumanAgentMessages int64 `json:"human_agent_messages"`
	Actions            int64 `json:"actions"`    // tool/called
	Components         int64 `json:"components"` // artifact/component_shown
	Media              int64 `json:"media"`      // artifact/media_generated
	Feedback           int64 `json:"feedback"`   // feedback events of any action
	Rated              int64 `json:"rated"`      // ratings that have a score

	// ModelCalls are the events for which [Event.ModelCall] holds; FailedCalls and CancelledCalls are
	// those of action failed and cancelled. FailedTools are actions with tool_ok false.
	ModelCalls     int64 `json:"model_calls"`
	FailedCalls    int64 `json:"failed_calls"`
	CancelledCalls int64 `json:"cancelled_calls"`
	FailedTools    int64 `json:"failed_tools"`

	// InputTokens, OutputTokens and CostUSD are sums over model calls; nil if no call says any. The cost
	// is to nine decimals. Model is the first model that a call names: the one that answered, else the
	// one that was asked.
	InputTokens  *int64   `json:"input_tokens,omitempty"`
	OutputTokens *int64   `json:"output_tokens,omitempty"`
	CostUSD      *float64 `json:"cost_usd,omitempty"`
	Model        string   `json:"model,omitempty"`

	// Score is the mean score of the conversation's ratings, to nine decimals; nil without any.
	Score *float64 `json:"score,omitempty"`

	// ReportedMessageCount is the last message_count that the client sent; compared, never counted.
	ReportedMessageCount *int64 `json:"reported_message_count,omitempty"`

	FirstMessageAt time.Time `json:"first_message_at,omitzero"`
	LastMessageAt  time.Time `json:"last_message_at,omitzero"`
	// DurationMS is last message minus first message: 0 with one message, nil without any.
	DurationMS *float64 `json:"duration_ms,omitempty"`
	// FirstResponseMS is the first agent message after the first user message, minus that user
	// message, in conversation order; nil if there is none. Role agent or human_agent answers.
	FirstResponseMS *float64 `json:"first_response_ms,omitempty"`

	// Preview is the start of the first user message that has a body: at most 160 code points.
	Preview string `json:"preview,omitempty"`
}

// PreviewChars bounds [Conversation.Preview], in code points.
const PreviewChars = 160

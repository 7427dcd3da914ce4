// Package event holds the two shapes that data has in Debrief: a call as received ([Raw]) and the
// canonical event ([Event]) that every vocabulary is turned into and every question is asked of.
//
// It knows no wire format, no storage and no clock; every other package may import it.
package event

import (
	"encoding/json"
	"time"
)

// Kind names what happened.
type Kind string

// The nine kinds of the model, and Identity for calls that say who somebody is. The actions that go
// with a kind stand beside it; a vocabulary may use no others.
const (
	KindConversation Kind = "conversation" // started created opened ended renamed deleted favorited unfavorited restored
	KindMessage      Kind = "message"      // sent (by the user side) received (by the user side)
	KindGeneration   Kind = "generation"   // completed failed cancelled first_token
	KindTool         Kind = "tool"         // called permission_requested permission_answered
	KindArtifact     Kind = "artifact"     // media_generated media_requested component_shown
	KindInteraction  Kind = "interaction"  // copied saved edited opened expanded context_attached …
	KindFeedback     Kind = "feedback"     // rated commented evaluated
	KindConversion   Kind = "conversion"   // converted
	KindProduct      Kind = "product"      // tracked (any other track call) viewed (page and screen calls) traced (other spans and logs)
	KindIdentity     Kind = "identity"     // identified grouped aliased
)

// Roles of a message's author. What the client sent is kept in [Event.RoleRaw].
const (
	RoleUser       = "user"
	RoleAgent      = "agent"
	RoleHumanAgent = "human_agent"
	RoleSystem     = "system"
	RoleTool       = "tool"
)

// Repair records that a call said something in an odd way that was understood all the same.
// A repair never changes what a call means; see docs/vocabularies for the codes.
type Repair struct {
	Code string `json:"code"`           // stable, snake_case: "action_as_type"
	From string `json:"from,omitempty"` // what was sent, shortened; never a message text
	To   string `json:"to,omitempty"`   // what it was taken for
}

// Event is one stored row. Zero values mean absent. The rules for filling it are those of the
// canonical model (docs/model.md); the JSON names are also the names of columns and of query fields.
type Event struct {
	// Where it came from.

	ID            string          `json:"id"` // dedupe key within the workspace
	Workspace     string          `json:"workspace,omitempty"`
	Revision      int64           `json:"revision,omitempty"` // 0 for a client's call; raised by derivation and replay only
	Source        string          `json:"source"`
	Vocabulary    string          `json:"vocabulary"`
	SourceEvent   string          `json:"source_event"` // the track name, or the call type
	SourceSubtype string          `json:"source_subtype,omitempty"`
	OccurredAt    time.Time       `json:"occurred_at"`          // corrected for clock skew; UTC microseconds
	OriginalAt    time.Time       `json:"original_at,omitzero"` // as the client sent it
	SentAt        time.Time       `json:"sent_at,omitzero"`
	ReceivedAt    time.Time       `json:"received_at"`
	RequestSeq    int64           `json:"request_seq,omitempty"` // order of requests: position of the log record
	BatchIndex    int64           `json:"batch_index,omitempty"` // order inside the request, from 0
	DerivedFrom   string          `json:"derived_from,omitempty"`
	Inferred      bool            `json:"inferred,omitempty"`
	Repairs       []Repair        `json:"repairs,omitempty"`
	Violations    []string        `json:"violations,omitempty"` // codes: "missing_conversation_id"
	Properties    json.RawMessage `json:"properties,omitempty"` // an object: what the client sent beyond the mapped fields
	Raw           json.RawMessage `json:"raw,omitempty"`        // the call after redaction; stored apart, empty in lists

	// Who.

	UserID      string `json:"user_id,omitempty"`
	AnonymousID string `json:"anonymous_id,omitempty"`
	GroupID     string `json:"group_id,omitempty"`
	SessionID   string `json:"session_id,omitempty"`

	// What.

	Kind   Kind   `json:"kind"`
	Action string `json:"action"`
	Actor  string `json:"actor,omitempty"` // user agent human_agent system

	// Where in the conversation.

	ConversationID string `json:"conversation_id,omitempty"`
	TurnID         string `json:"turn_id,omitempty"`
	MessageID      string `json:"message_id,omitempty"` // a chat message, never the envelope's id
	ParentID       string `json:"parent_id,omitempty"`
	TraceID        string `json:"trace_id,omitempty"`
	SpanID         string `json:"span_id,omitempty"`
	ParentSpanID   string `json:"parent_span_id,omitempty"`
	AgentID        string `json:"agent_id,omitempty"`
	AgentName      string `json:"agent_name,omitempty"`
	AgentVersion   string `json:"agent_version,omitempty"`
	Mode           string `json:"mode,omitempty"`
	Channel        string `json:"channel,omitempty"`
	Locale         string `json:"locale,omitempty"`

	// Message, artifact, interaction.

	Role                 string          `json:"role,omitempty"`
	RoleRaw              string          `json:"role_raw,omitempty"`
	Body                 *string         `json:"body,omitempty"` // nil: not captured; "": empty
	BodyHash             string          `json:"body_hash,omitempty"`
	BodyChars            *int64          `json:"body_chars,omitempty"` // Unicode code points, before redaction
	Parts                json.RawMessage `json:"parts,omitempty"`
	Title                string          `json:"title,omitempty"`
	Favorite             *bool           `json:"favorite,omitempty"`
	Reason               string          `json:"reason,omitempty"` // of an end: explicit deleted idle
	ReportedMessageCount *int64          `json:"reported_message_count,omitempty"`
	ReportedDurationMS   *float64        `json:"reported_duration_ms,omitempty"`
	DurationMS           *float64        `json:"duration_ms,omitempty"`
	TurnIndex            *int64          `json:"turn_index,omitempty"`
	ArtifactType         string          `json:"artifact_type,omitempty"`
	ArtifactSubtype      string          `json:"artifact_subtype,omitempty"`
	Target               string          `json:"target,omitempty"`
	Method               string          `json:"method,omitempty"`
	Value                string          `json:"value,omitempty"`
	Setting              string          `json:"setting,omitempty"`
	Category             string          `json:"category,omitempty"`
	Surface              string          `json:"surface,omitempty"`
	Count                *int64          `json:"count,omitempty"`
	ContextType          string          `json:"context_type,omitempty"`
	ContextContent       string          `json:"context_content,omitempty"`
	Success              *bool           `json:"success,omitempty"`

	// Generation.

	Operation        string   `json:"operation,omitempty"` // chat embedding agent workflow plan step span image speech
	CountsUsage      bool     `json:"counts_usage,omitempty"`
	Provider         string   `json:"provider,omitempty"`
	RequestModel     string   `json:"request_model,omitempty"`
	ResponseModel    string   `json:"response_model,omitempty"`
	FinishReason     string   `json:"finish_reason,omitempty"` // stop length content_filter tool_call error
	LatencyMS        *float64 `json:"latency_ms,omitempty"`
	TTFTMS           *float64 `json:"ttft_ms,omitempty"`
	InputTokens      *int64   `json:"input_tokens,omitempty"` // including cached
	OutputTokens     *int64   `json:"output_tokens,omitempty"`
	CacheReadTokens  *int64   `json:"cache_read_tokens,omitempty"`
	CacheWriteTokens *int64   `json:"cache_write_tokens,omitempty"`
	ReasoningTokens  *int64   `json:"reasoning_tokens,omitempty"`
	CostUSD          *float64 `json:"cost_usd,omitempty"`
	CostSource       string   `json:"cost_source,omitempty"` // reported computed
	Streamed         *bool    `json:"streamed,omitempty"`
	ErrorType        string   `json:"error_type,omitempty"`
	ErrorMessage     string   `json:"error_message,omitempty"`

	// Tool.

	ToolName         string          `json:"tool_name,omitempty"`
	ToolType         string          `json:"tool_type,omitempty"`
	ToolCallID       string          `json:"tool_call_id,omitempty"`
	ToolArgs         json.RawMessage `json:"tool_args,omitempty"`
	ToolResult       json.RawMessage `json:"tool_result,omitempty"`
	ToolOK           *bool           `json:"tool_ok,omitempty"`
	PermissionType   string          `json:"permission_type,omitempty"`
	PermissionAnswer string          `json:"permission_answer,omitempty"`

	// Feedback, conversion, product.

	FeedbackName   string   `json:"feedback_name,omitempty"`
	Rater          string   `json:"rater,omitempty"` // user evaluator reviewer
	Scope          string   `json:"scope,omitempty"` // message conversation trace session
	RatingRaw      string   `json:"rating_raw,omitempty"`
	RatingScaleRaw string   `json:"rating_scale_raw,omitempty"`
	RatingMin      *float64 `json:"rating_min,omitempty"`
	RatingMax      *float64 `json:"rating_max,omitempty"`
	Score          *float64 `json:"score,omitempty"` // 0..1
	Label          string   `json:"label,omitempty"`
	Comment        string   `json:"comment,omitempty"`
	ConversionName string   `json:"conversion_name,omitempty"`
	Amount         *float64 `json:"amount,omitempty"`
	Currency       string   `json:"currency,omitempty"`
	ProductEvent   string   `json:"product_event,omitempty"`

	// Implicit signal.

	SignalDimension string   `json:"signal_dimension,omitempty"` // answer suggestion trust tool latency ui
	SignalWeight    *float64 `json:"signal_weight,omitempty"`    // -1..1
}

// Tracked reports whether the row stands for a track call: the rows that make a conversation exist
// and a user active. Identify, group, alias, page and screen calls do not, nor do spans and logs that
// are no copilot event.
func (e *Event) Tracked() bool {
	return e.Kind != KindIdentity && !(e.Kind == KindProduct && (e.Action == "viewed" || e.Action == "traced"))
}

// ModelCall reports whether the row is one call of a model that was made, whatever came of it: a
// generation that counts usage, so none that only wraps others. That the first token came
// (generation/first_token) is told in a row of its own and is no further call.
func (e *Event) ModelCall() bool {
	return e.Kind == KindGeneration && e.CountsUsage && e.Action != "first_token"
}

// Before orders the events of a conversation: corrected time, original time, request, index in the
// batch. SDKs share milliseconds, so a timestamp alone is no order. Equal in all four, the id decides,
// so that the order is total.
func (e *Event) Before(o *Event) bool {
	if !e.OccurredAt.Equal(o.OccurredAt) {
		return e.OccurredAt.Before(o.OccurredAt)
	}
	if !e.OriginalAt.Equal(o.OriginalAt) {
		return e.OriginalAt.Before(o.OriginalAt)
	}
	if e.RequestSeq != o.RequestSeq {
		return e.RequestSeq < o.RequestSeq
	}
	if e.BatchIndex != o.BatchIndex {
		return e.BatchIndex < o.BatchIndex
	}
	return e.ID < o.ID
}

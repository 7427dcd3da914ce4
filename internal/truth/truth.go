// Package truth answers what an outsider checks Debrief by: the counts of a set of recorded
// conversations, in the shape of the truth file that was made from the recording alone. It asks a running
// server over its HTTP API and nothing else, so that it sees what every client sees. Package cmd/debrief
// makes a subcommand of it.
package truth

import (
	"encoding/json"
	"fmt"
	"math"
)

// Truth is one answer. Its JSON has the names and the shape of a truth file; the names of roles are
// those of the recording: customer is our user.
type Truth struct {
	Events       int64            `json:"events"`
	DuplicateIDs int64            `json:"duplicate_ids"` // events that count beside another of the same id
	EventsByName map[string]int64 `json:"events_by_name"`
	First        *string          `json:"first"`
	Last         *string          `json:"last"`

	Conversations int64     `json:"conversations"`
	Users         int64     `json:"users"`
	Messages      ByAuthor  `json:"messages"`
	PerConv       *Dist     `json:"messages_per_conversation"`
	UserPerConv   *Dist     `json:"user_messages_per_conversation"`
	AgentPerConv  *Dist     `json:"agent_messages_per_conversation"`
	Duration      *Dist     `json:"duration_s"`
	Response      *Dist     `json:"response_s"`
	FirstResponse *Dist     `json:"first_response_s"`
	BodyChars     BodyChars `json:"body_chars"`

	WithoutUser   int64 `json:"conversations_without_user_message"`
	WithoutAgent  int64 `json:"conversations_without_agent_message"`
	SingleMessage int64 `json:"single_message_conversations"`
	Ended         int64 `json:"conversations_ended"`

	Rating       Rating           `json:"rating"`
	Thumbs       map[string]int64 `json:"thumbs"`
	WithFeedback int64            `json:"conversations_with_feedback"`

	Actions         map[string]int64 `json:"actions"` // the 25 most frequent
	ActionsDistinct int64            `json:"actions_distinct"`
	Conversions     Conversions      `json:"conversions"`
	Funnel          map[string]int64 `json:"funnel"` // conversations that reach each of FunnelSteps

	ConvPerUser     *Dist `json:"conversations_per_user"`
	MessagesPerUser *Dist `json:"messages_per_user"`
	TopUsers        []Top `json:"top_users_by_messages"` // the 10 with most, ties by id

	ConvByDay     map[string]int64 `json:"conversations_by_day"`
	MessagesByDay map[string]int64 `json:"messages_by_day"`
	ActiveByDay   map[string]int64 `json:"active_users_by_day"`
	ActiveByWeek  map[string]int64 `json:"active_users_by_week"`
	ConvByHour    map[string]int64 `json:"conversations_by_hour"`

	// Retention is the users by the Monday of the week of their first Conversation Started, and of these how many
	// have one so many weeks later, as text; weeks without any are left out.
	Retention map[string]map[string]int64 `json:"retention"`
}

// Top is a user and their messages. Its JSON is a list of the two.
type Top struct {
	User string
	N    int64
}

// MarshalJSON implements [json.Marshaler].
func (t Top) MarshalJSON() ([]byte, error) { return json.Marshal([]any{t.User, t.N}) }

// FunnelSteps are the events of a truth file's funnel, in order.
func FunnelSteps() []string {
	return []string{"Conversation Started", "Message Sent", "Message Received", "Action Invoked", "Task Completed"}
}

// ByAuthor are messages by who wrote them.
type ByAuthor struct {
	Total    int64 `json:"total"`
	Customer int64 `json:"customer"`
	Agent    int64 `json:"agent"`
}

// BodyChars are the lengths of messages by who wrote them.
type BodyChars struct {
	Customer *Dist `json:"customer"`
	Agent    *Dist `json:"agent"`
}

// Rating are the ratings that are no thumbs, by the number sent.
type Rating struct {
	Histogram map[string]int64 `json:"histogram"`
	Mean      *float64         `json:"mean"`
	Count     int64            `json:"count"`
}

// Conversions are the conversations that reached a goal.
type Conversions struct {
	Conversations int64 `json:"conversations"`
	Until         *Dist `json:"user_messages_until_conversion"`
}

// Dist is a distribution; nil is that of no values. Numbers are rounded to six digits.
type Dist struct {
	N      int64   `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Sum    float64 `json:"sum"`
}

// round6 rounds to six digits after the point, as truth files do.
func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// JSON returns the answer as the text of a truth file.
func (t *Truth) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write truth: %w", err)
	}
	return append(data, '\n'), nil
}

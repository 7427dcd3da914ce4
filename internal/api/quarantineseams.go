package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/debrief-dev/debrief/internal/plan"
)

// Quarantine are the calls that plans have held back.
type Quarantine interface {
	// Quarantined returns a page, the newest first, and the After of the next page, "" for none.
	Quarantined(ctx context.Context, q QuarantineQuestion) (entries []QuarantineEntry, next string, err error)
	// QuarantineGroups returns the largest groups of a status, and how many calls all have.
	QuarantineGroups(ctx context.Context, source, status string) (groups []QuarantineGroup, total int64, err error)
	// Replay selects held calls and lets them through again, beginning now.
	Replay(ctx context.Context, s QuarantineSelection) (ReplayJob, error)
	// ReplayJob returns how far a replay is, or ErrNotFound.
	ReplayJob(ctx context.Context, id string) (ReplayJob, error)
	// Discard gives held calls up and returns how many.
	Discard(ctx context.Context, s QuarantineSelection) (int64, error)
}

// The states of a call in quarantine. StatusRejected is that of a call which the door refused.
const (
	StatusHeld      = "held"
	StatusReplaying = "replaying"
	StatusReplayed  = "replayed"
	StatusDiscarded = "discarded"
	StatusRejected  = "rejected"
)

// QuarantineQuestion selects calls of one status; empty members select all.
type QuarantineQuestion struct {
	Source, Event, Code, Status string
	After                       string
	Limit                       int
}

// QuarantineEntry is one call that was held back.
type QuarantineEntry struct {
	ID          string           `json:"id"`
	Source      string           `json:"source"`
	ReceivedAt  time.Time        `json:"received_at"`
	EventID     string           `json:"event_id"`
	Type        string           `json:"type"`
	Event       string           `json:"event"`
	Action      string           `json:"action"`
	Plan        string           `json:"plan"`
	Version     int              `json:"version"`
	Violations  []plan.Violation `json:"violations"`
	Call        string           `json:"call"`
	Status      string           `json:"status"`
	HeldAt      time.Time        `json:"held_at,omitzero"`
	ReplayedAt  time.Time        `json:"replayed_at,omitzero"`
	DiscardedAt time.Time        `json:"discarded_at,omitzero"`
}

// QuarantineGroup is a number of calls that were held back for the same reason.
type QuarantineGroup struct {
	Source  string    `json:"source"`
	Event   string    `json:"event"`
	Type    string    `json:"type"`
	Action  string    `json:"action"`
	Code    string    `json:"code"` // kind of the first violation
	Plan    string    `json:"plan"`
	Count   int64     `json:"count"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
}

// QuarantineSelection is either ids or a filter.
type QuarantineSelection struct {
	IDs    []string          `json:"ids"`
	Filter *QuarantineFilter `json:"filter"`
}

// QuarantineFilter selects held calls; empty members select all.
type QuarantineFilter struct {
	Source string `json:"source"`
	Event  string `json:"event"`
	Code   string `json:"code"`
	Plan   string `json:"plan"`
	Action string `json:"action"`
}

// ReplayJob is how far a replay is.
type ReplayJob struct {
	ID         string    `json:"id"`
	State      string    `json:"state"` // running or done
	Total      int64     `json:"total"`
	Waiting    int64     `json:"waiting"`
	Replayed   int64     `json:"replayed"`
	HeldAgain  int64     `json:"held_again"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
}

// Receipts tell what became of calls. An id is what the client sent, or the event id made of it.
type Receipts interface {
	// Receipts returns one for each id in that order, and for an id that several calls were sent with one
	// for each of them. With a source, calls of others are unknown.
	Receipts(ctx context.Context, source string, ids []string) ([]Receipt, error)
	// Journey returns the way of one call.
	Journey(ctx context.Context, id string) (Journey, error)
}

// Receipt is what became of one call.
type Receipt struct {
	ID         string    `json:"id"`     // as asked
	Status     string    `json:"status"` // stored, duplicate, quarantined, rejected, pending or unknown
	EventID    string    `json:"event_id,omitempty"`
	Source     string    `json:"source,omitempty"`
	Copies     int64     `json:"copies"`
	At         time.Time `json:"at,omitzero"` // of receipt
	Violations []string  `json:"violations"`  // codes
}

// Journey is the way of one call through the server.
type Journey struct {
	ID             string        `json:"id"`       // as asked
	EventID        string        `json:"event_id"` // "" when unknown
	Status         string        `json:"status"`   // as of a receipt
	Steps          []JourneyStep `json:"steps"`
	MappingDiffers []string      `json:"mapping_differs"` // fields that the present mapping would fill in another way
}

// JourneyStep is one step of a journey.
type JourneyStep struct {
	Step    string          `json:"step"`
	State   string          `json:"state"` // done, stopped, waiting or skipped
	At      time.Time       `json:"at,omitzero"`
	Rule    string          `json:"rule,omitempty"`
	Summary string          `json:"summary"`
	Codes   []string        `json:"codes"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

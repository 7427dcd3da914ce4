package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Destinations are the places that calls are handed on to. Secrets go in and never come out.
type Destinations interface {
	// DestinationKinds returns all kinds, in a fixed order.
	DestinationKinds(ctx context.Context) ([]DestinationKind, error)
	// Destinations returns all, the oldest first.
	Destinations(ctx context.Context) ([]Destination, error)
	// Destination returns one, or ErrNotFound.
	Destination(ctx context.Context, id string) (Destination, error)
	// CreateDestination adds one; ErrInvalid or ErrConflict.
	CreateDestination(ctx context.Context, n NewDestination) (Destination, error)
	// UpdateDestination changes what is given; ErrNotFound, ErrInvalid or ErrConflict.
	UpdateDestination(ctx context.Context, id string, c DestinationChange) (Destination, error)
	// DeleteDestination removes one with all that waits for it, or returns ErrNotFound.
	DeleteDestination(ctx context.Context, id string) error
	// TestDestination asks the place whether it could be sent to.
	TestDestination(ctx context.Context, id string) (DestinationTest, error)
	// TryDestination asks the place of what is not saved yet.
	TryDestination(ctx context.Context, d DestinationDraft) (DestinationTest, error)
	// PreviewDestination says what would be sent; no secret is in it, and nothing is sent.
	PreviewDestination(ctx context.Context, p DestinationPreview) ([]PreviewedCall, error)
	// Deliveries returns what became of calls since a time.
	Deliveries(ctx context.Context, id string, since time.Time) (Deliveries, error)
	// DeliveryErrors returns the newest failed attempts of this run of the server, the newest first.
	DeliveryErrors(ctx context.Context, id string) ([]DeliveryError, error)
	// DeadLetters returns a page of the calls that were given up, the newest first.
	DeadLetters(ctx context.Context, id string, q DeadLetterQuestion) (DeadLetters, error)
	// ReplayDeadLetters lets some be sent again, and returns how many.
	ReplayDeadLetters(ctx context.Context, id string, s DeadLetterSelection) (int64, error)
	// Backfills returns those of a destination, the newest first.
	Backfills(ctx context.Context, id string) ([]Backfill, error)
	// Backfill begins one; ErrConflict while another one of the destination runs.
	Backfill(ctx context.Context, id string, from, until time.Time) (Backfill, error)
	// BackfillComputed begins one of what is computed of people now; ErrConflict as above.
	BackfillComputed(ctx context.Context, id string) (Backfill, error)
	// CancelBackfill ends one that runs, or returns ErrNotFound.
	CancelBackfill(ctx context.Context, id, backfill string) error
}

// DestinationKind is what a kind of destination says of itself.
type DestinationKind struct {
	Name     string               `json:"name"`
	Title    string               `json:"title"`
	Doc      string               `json:"doc"` // Markdown
	Website  string               `json:"website"`
	Types    []string             `json:"types"` // call types that it takes
	Ordered  bool                 `json:"ordered"`
	Settings []DestinationSetting `json:"settings"`
	Mapping  json.RawMessage      `json:"mapping,omitempty"` // the default; absent where it cannot be changed
	Example  DestinationExample   `json:"example"`
}

// DestinationSetting is one field of the settings form.
type DestinationSetting struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Doc      string   `json:"doc"`
	Type     string   `json:"type"` // text number boolean choice url map
	Secret   bool     `json:"secret"`
	Required bool     `json:"required"`
	Default  string   `json:"default"`
	Choices  []string `json:"choices"`
	Example  string   `json:"example"`
}

// DestinationExample is a call and what is sent for it.
type DestinationExample struct {
	Call json.RawMessage `json:"call"`
	Sent string          `json:"sent"`
}

// DestinationRules are what a destination gets, and how.
type DestinationRules struct {
	Filter     DestinationFilter `json:"filter"`
	Functions  []string          `json:"functions"`         // ids of insert functions, in their order
	Mapping    json.RawMessage   `json:"mapping,omitempty"` // absent: the default of the kind
	RetryHours float64           `json:"retry_hours"`       // 0: 4
}

// DestinationFilter selects calls: every part that says something must hold.
type DestinationFilter struct {
	Sources []string               `json:"sources,omitempty"`
	Types   []string               `json:"types,omitempty"`
	Events  []string               `json:"events,omitempty"` // names; * is any text
	Except  []string               `json:"except,omitempty"`
	Where   []DestinationCondition `json:"where,omitempty"`
}

// DestinationCondition compares what stands at a path of the call.
type DestinationCondition struct {
	Path  string   `json:"path"`
	Is    string   `json:"is"`
	Value string   `json:"value,omitempty"`
	Any   []string `json:"any,omitempty"`
}

// Destination is one place, with how it is doing.
type Destination struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Kind       string            `json:"kind"`
	Enabled    bool              `json:"enabled"`
	Settings   map[string]string `json:"settings"`    // those that are no secrets
	SecretsSet []string          `json:"secrets_set"` // keys of the secrets that have a value
	DestinationRules
	CreatedAt time.Time         `json:"created_at"`
	CreatedBy string            `json:"created_by"`
	UpdatedAt time.Time         `json:"updated_at"`
	Health    DestinationHealth `json:"health"`
}

// DestinationHealth is how a destination is doing now.
type DestinationHealth struct {
	State      string     `json:"state"`   // paused working down invalid
	Problem    string     `json:"problem"` // of invalid
	Waiting    int64      `json:"waiting"` // calls that wait for another try
	Dead       int64      `json:"dead"`    // calls given up
	Lost       int64      `json:"lost"`    // calls of the last 30 days that were cut off a log while they waited
	LostAt     *time.Time `json:"lost_at"` // the last hour in which some were
	InHand     int        `json:"in_hand"` // calls read and not delivered
	OldestAt   *time.Time `json:"oldest_at"`
	CatchingUp bool       `json:"catching_up"` // from stored calls: the log has them no more
	NextTryAt  *time.Time `json:"next_try_at"`
	LastAt     *time.Time `json:"last_delivery_at"`
	// Of the last thousand of this run, in milliseconds: from receipt to delivery, and of one request.
	LatencyP50 float64 `json:"latency_p50_ms"`
	LatencyP95 float64 `json:"latency_p95_ms"`
	SendP50    float64 `json:"send_p50_ms"`
	SendP95    float64 `json:"send_p95_ms"`
}

// NewDestination says what CreateDestination creates.
type NewDestination struct {
	Name     string            `json:"name"`
	Kind     string            `json:"kind"`
	Enabled  *bool             `json:"enabled"` // nil: yes
	Settings map[string]string `json:"settings"`
	DestinationRules
}

// DestinationChange is what UpdateDestination changes: what is nil stays.
type DestinationChange struct {
	Name    *string `json:"name"`
	Enabled *bool   `json:"enabled"`
	// Settings replace all that are no secrets; secrets among them are set, others stay.
	Settings   *map[string]string `json:"settings"`
	Filter     *DestinationFilter `json:"filter"`
	Functions  *[]string          `json:"functions"`
	Mapping    json.RawMessage    `json:"mapping"` // the text null: the default
	RetryHours *float64           `json:"retry_hours"`
}

// DestinationDraft is a destination that is tried before it is saved: a new one of a kind, or a change to one.
type DestinationDraft struct {
	Destination string             `json:"destination"` // id of the one that is changed: what is nil is its, secrets too
	Kind        string             `json:"kind"`        // without destination
	Settings    *map[string]string `json:"settings"`
}

// DestinationPreview says of which calls PreviewDestination tells what would be sent: those given, or the newest.
type DestinationPreview struct {
	DestinationDraft
	Filter    *DestinationFilter `json:"filter"`
	Functions *[]string          `json:"functions"`
	Mapping   json.RawMessage    `json:"mapping"` // the text null: the default
	Calls     []json.RawMessage  `json:"calls"`   // as Segment writes them
	Recent    int                `json:"recent"`  // how many of the newest stored ones
}

// MaxPreviewed bounds the calls of one preview.
const MaxPreviewed = 20

// PreviewedCall is what would become of a call.
type PreviewedCall struct {
	Call    json.RawMessage   `json:"call"`              // as destinations get it
	Outcome string            `json:"outcome"`           // sent filtered dropped retried discarded
	Reason  string            `json:"reason"`            // of retried and discarded
	Out     json.RawMessage   `json:"out,omitempty"`     // what functions and mapping make of it, if it would be sent
	Request *PreviewedRequest `json:"request,omitempty"` // of kinds that send one request of HTTP
}

// PreviewedRequest is a request that would be sent, without path, headers and secrets.
type PreviewedRequest struct {
	Method string `json:"method"`
	Origin string `json:"origin"` // scheme and host
	Body   string `json:"body"`
}

// DestinationTest is the answer of a place that was asked whether it could be sent to.
type DestinationTest struct {
	OK      bool   `json:"ok"`
	Message string `json:"message"` // what to mend
}

// Deliveries are what became of calls at a destination.
type Deliveries struct {
	Totals []DeliveryTotal `json:"totals"`
	Hours  []DeliveryHour  `json:"hours"` // the oldest first; hours without any are left out
}

// DeliveryTotal is how many calls took a step: received filtered duplicate dropped retried discarded delivered.
type DeliveryTotal struct {
	Step  string `json:"step"`
	Code  string `json:"code"` // of retried and discarded ones
	Count int64  `json:"count"`
}

// DeliveryHour is a DeliveryTotal of an hour.
type DeliveryHour struct {
	At time.Time `json:"at"`
	DeliveryTotal
}

// DeliveryError is a failed attempt, without what was in the call.
type DeliveryError struct {
	At      time.Time `json:"at"`
	EventID string    `json:"event_id"`
	Event   string    `json:"event"`
	Code    string    `json:"code"`
	Reason  string    `json:"reason"`
	Attempt int       `json:"attempt"`
	GivenUp bool      `json:"given_up"`
}

// DeadLetterQuestion selects dead letters.
type DeadLetterQuestion struct {
	Code  string // "": any
	After string // cursor of the page before
	Limit int
}

// DeadLetters are a page.
type DeadLetters struct {
	DeadLetters []DeadLetter `json:"dead_letters"`
	Total       int64        `json:"total"`
	Next        *string      `json:"next"`
}

// DeadLetter is a call that was given up.
type DeadLetter struct {
	ID        string    `json:"id"`
	EventID   string    `json:"event_id"`
	Type      string    `json:"type"`
	Event     string    `json:"event"`
	Code      string    `json:"code"`
	Reason    string    `json:"reason"`
	Attempts  int       `json:"attempts"`
	GivenUpAt time.Time `json:"given_up_at"`
}

// DeadLetterSelection says which dead letters are meant: ids, those of a code, or all.
type DeadLetterSelection struct {
	IDs  []string `json:"ids"`
	Code string   `json:"code"`
	All  bool     `json:"all"`
}

// Backfill is a period of the past that a destination gets once more, or what is computed of people.
type Backfill struct {
	ID         string     `json:"id"`
	Computed   bool       `json:"computed"` // from and until are when it began then
	From       time.Time  `json:"from"`
	Until      time.Time  `json:"until"`
	State      string     `json:"state"` // running done cancelled
	Total      int64      `json:"total"` // calls of the period, or values, when it began
	Done       int64      `json:"done"`  // those looked at
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	FinishedAt *time.Time `json:"finished_at"`
}

// maxDestinationBody bounds a destination's description: a mapping and a key of a service account fit.
const maxDestinationBody = 1 << 20

func (s *server) listDestinationKinds(c *call) error {
	return list(c, "destinations", s.Destinations, func(d Destinations, ctx context.Context) ([]DestinationKind, error) {
		kinds, err := d.DestinationKinds(ctx)
		for i := range kinds {
			kinds[i].Settings = append([]DestinationSetting{}, kinds[i].Settings...)
			for k := range kinds[i].Settings {
				kinds[i].Settings[k].Choices = append([]string{}, kinds[i].Settings[k].Choices...)
			}
		}
		return kinds, err
	})
}

func (s *server) listDestinations(c *call) error {
	return list(c, "destinations", s.Destinations, Destinations.Destinations)
}

func (s *server) getDestination(c *call) error {
	return get(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (Destination, error) {
		return d.Destination(ctx, c.r.PathValue("id"))
	})
}

// destinationBody reads a body, of a request that has no parameters.
func (c *call) destinationBody(v any) error {
	if err := c.done(); err != nil {
		return err
	}
	return c.bodyUpTo(v, maxDestinationBody)
}

func (s *server) createDestination(c *call) error {
	var n NewDestination
	if err := c.destinationBody(&n); err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Destinations, func(d Destinations, ctx context.Context) (Destination, error) {
		return d.CreateDestination(ctx, n)
	})
}

func (s *server) updateDestination(c *call) error {
	var change DestinationChange
	if err := c.destinationBody(&change); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (Destination, error) {
		return d.UpdateDestination(ctx, c.r.PathValue("id"), change)
	})
}

func (s *server) deleteDestination(c *call) error {
	return remove(c, s.Destinations, Destinations.DeleteDestination, c.r.PathValue("id"))
}

func (s *server) pauseDestination(c *call) error  { return s.enableDestination(c, false) }
func (s *server) resumeDestination(c *call) error { return s.enableDestination(c, true) }

func (s *server) enableDestination(c *call, enabled bool) error {
	return get(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (Destination, error) {
		return d.UpdateDestination(ctx, c.r.PathValue("id"), DestinationChange{Enabled: &enabled})
	})
}

func (s *server) testDestination(c *call) error {
	return get(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (DestinationTest, error) {
		return d.TestDestination(ctx, c.r.PathValue("id"))
	})
}

func (s *server) tryDestination(c *call) error {
	var draft DestinationDraft
	if err := c.destinationBody(&draft); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (DestinationTest, error) {
		return d.TryDestination(ctx, draft)
	})
}

func (s *server) previewDestination(c *call) error {
	var p DestinationPreview
	if err := c.destinationBody(&p); err != nil {
		return err
	}
	if n := len(p.Calls) + p.Recent; p.Recent < 0 || n < 1 || n > MaxPreviewed {
		return &bodyError{"give calls, or recent (how many of the newest); at most 20 together"}
	}
	return list(c, "results", s.Destinations, func(d Destinations, ctx context.Context) ([]PreviewedCall, error) {
		return d.PreviewDestination(ctx, p)
	})
}

func (s *server) getDeliveries(c *call) error {
	hours := c.number("hours", 24, 24*90)
	return get(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (Deliveries, error) {
		out, err := d.Deliveries(ctx, c.r.PathValue("id"), time.Now().Add(-time.Duration(hours)*time.Hour))
		out.Totals, out.Hours = append([]DeliveryTotal{}, out.Totals...), append([]DeliveryHour{}, out.Hours...)
		return out, err
	})
}

func (s *server) listDeliveryErrors(c *call) error {
	return list(c, "errors", s.Destinations, func(d Destinations, ctx context.Context) ([]DeliveryError, error) {
		return d.DeliveryErrors(ctx, c.r.PathValue("id"))
	})
}

func (s *server) listDeadLetters(c *call) error {
	q := DeadLetterQuestion{Code: c.text("code"), After: c.text("after"), Limit: c.number("limit", 100, 1000)}
	return get(c, http.StatusOK, s.Destinations, func(d Destinations, ctx context.Context) (DeadLetters, error) {
		out, err := d.DeadLetters(ctx, c.r.PathValue("id"), q)
		out.DeadLetters = append([]DeadLetter{}, out.DeadLetters...)
		return out, err
	})
}

func (s *server) replayDeadLetters(c *call) error {
	var sel DeadLetterSelection
	if err := c.destinationBody(&sel); err != nil {
		return err
	}
	if given := len(sel.IDs) > 0; given == (sel.All || sel.Code != "") || len(sel.IDs) > maxSelected {
		return &bodyError{"give either ids, at most 10000, or a code, or all"}
	}
	return ask(c, http.StatusAccepted, s.Destinations, func(d Destinations, ctx context.Context) (map[string]int64, error) {
		n, err := d.ReplayDeadLetters(ctx, c.r.PathValue("id"), sel)
		return map[string]int64{"replayed": n}, err
	})
}

func (s *server) listBackfills(c *call) error {
	return list(c, "backfills", s.Destinations, func(d Destinations, ctx context.Context) ([]Backfill, error) {
		return d.Backfills(ctx, c.r.PathValue("id"))
	})
}

func (s *server) startBackfill(c *call) error {
	var body struct {
		Computed bool      `json:"computed"`
		From     time.Time `json:"from"`
		Until    time.Time `json:"until"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return ask(c, http.StatusAccepted, s.Destinations, func(d Destinations, ctx context.Context) (Backfill, error) {
		if body.Computed {
			return d.BackfillComputed(ctx, c.r.PathValue("id"))
		}
		return d.Backfill(ctx, c.r.PathValue("id"), body.From, body.Until)
	})
}

func (s *server) cancelBackfill(c *call) error {
	return remove(c, s.Destinations, func(d Destinations, ctx context.Context, id string) error {
		return d.CancelBackfill(ctx, id, c.r.PathValue("backfill"))
	}, c.r.PathValue("id"))
}

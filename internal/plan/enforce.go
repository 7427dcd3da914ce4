package plan

import (
	"errors"
	"fmt"
	"slices"

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

// controls returns the actions for a call type; nil for types that no plan speaks of.
func (e *Enforcement) controls(typ string) *Controls {
	switch typ {
	case "track":
		return &e.Track
	case "identify":
		return &e.Identify
	case "group":
		return &e.Group
	case "page":
		return &e.Page
	case "screen":
		return &e.Screen
	}
	return nil
}

// Validate reports every fault of the settings, joined.
func (e *Enforcement) Validate() error {
	var faults []error
	for _, typ := range []string{"track", "identify", "group", "page", "screen"} {
		c := e.controls(typ)
		for _, control := range []struct {
			name   string
			action Action
		}{
			{"unplanned_events", c.UnplannedEvents}, {"unplanned_properties", c.UnplannedProperties},
			{"violations", c.Violations}, {"common", c.Common},
		} {
			at := typ + "." + control.name
			if control.action.rank() < 0 {
				faults = append(faults, fmt.Errorf("%s: there is no action %q; it is allow, omit, quarantine or block", at, control.action))
			}
		}
		if c.UnplannedEvents == ActionOmit {
			faults = append(faults, fmt.Errorf("%s.unplanned_events: omit is for properties; use quarantine or block", typ))
		}
	}
	return errors.Join(faults...)
}

// rank orders actions from mild to hard; -1 for what is none.
func (a Action) rank() int {
	switch a {
	case "", ActionAllow:
		return 0
	case ActionOmit:
		return 1
	case ActionQuarantine:
		return 2
	case ActionBlock:
		return 3
	}
	return -1
}

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
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("enforce plan %s: %w", name, err)
	}
	return &Enforcer{checker: c, enforcement: e, name: name, version: version}, nil
}

// Plan returns the name and version of the plan; those of nil are "" and 0.
func (e *Enforcer) Plan() (name string, version int) {
	if e == nil {
		return "", 0
	}
	return e.name, e.version
}

// Enforcement returns the settings.
func (e *Enforcer) Enforcement() Enforcement {
	if e == nil {
		return Enforcement{}
	}
	return e.enforcement
}

// RatingScale is [Checker.RatingScale] of the plan.
func (e *Enforcer) RatingScale(typ, name string) string {
	if e == nil {
		return ""
	}
	return e.checker.RatingScale(typ, name)
}

// Judge checks a call and says what becomes of it. The repairs are those made so far: with Strict each
// is a violation. The controls of the call's type come first; what the common rule finds counts in
// the call that they leave.
func (e *Enforcer) Judge(call Call, repairs []event.Repair) Verdict {
	if e == nil {
		return Verdict{Action: ActionAllow}
	}
	found := e.checker.check(call)
	if e.enforcement.Strict {
		found.own = append(found.own, found.repairs...)
		found.own = append(found.own, odd(call, repairs)...)
	}
	v := Verdict{Action: ActionAllow}
	controls := e.enforcement.controls(call.Type)
	if controls != nil {
		v.apply(controls, found.own)
		if len(found.common) > 0 && v.Action == ActionOmit {
			if left, err := Omit(call.JSON, v.Omit); err == nil {
				found.common = e.checker.check(Call{Type: call.Type, Event: call.Event, JSON: left}).common
			}
		}
		common := Controls{UnplannedEvents: controls.Common, UnplannedProperties: controls.Common, Violations: controls.Common}
		v.apply(&common, found.common)
	}
	v.Violations = violations(found.own, found.common)
	if v.Action != ActionOmit {
		v.Omit = nil
	}
	return v
}

// odd turns repairs that were made elsewhere into findings, one a code.
func odd(call Call, repairs []event.Repair) []finding {
	var out []finding
	for i, r := range repairs {
		if !slices.ContainsFunc(repairs[:i], func(o event.Repair) bool { return o.Code == r.Code }) {
			out = append(out, finding{Violation: Violation{Kind: KindRepair, Event: call.name(nil), Description: "was understood all the same: " + r.Code, Rule: "strict"}})
		}
	}
	return out
}

// apply takes the hardest of the actions that violations ask for.
func (v *Verdict) apply(c *Controls, list []finding) {
	if len(list) == 0 {
		return
	}
	omitted := map[string]bool{}
	for _, pointer := range v.Omit {
		omitted[pointer] = true
	}
	for i := range list {
		action := c.Violations
		switch list[i].Kind {
		case KindUnplannedEvent:
			action = c.UnplannedEvents
		case KindUnplannedProperty:
			action = c.UnplannedProperties
		}
		if action == ActionOmit {
			if list[i].pointer == "" {
				continue // a missing property leaves nothing to take out
			}
			if !omitted[list[i].pointer] {
				omitted[list[i].pointer] = true
				v.Omit = append(v.Omit, list[i].pointer)
			}
		}
		if action.rank() > v.Action.rank() {
			v.Action = action
		}
	}
}

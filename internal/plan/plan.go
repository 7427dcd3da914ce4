// Package plan holds tracking plans: what a source may send, checked call by call. A plan is a file
// that a team reviews in git; its rules are JSON Schema (draft-07 and 2020-12). Plans of the public
// vocabularies are built in.
//
// The package is pure: no clock, no I/O, no storage. It sees calls in Segment's shape, as the event log
// holds them, before any vocabulary has read them. What happens to a call that is held back is the
// business of package pipeline; where plans are kept is that of package metastore.
package plan

import "encoding/json"

// Plan is one tracking plan: the shape of the file, the same in YAML and JSON. [Parse] reads it.
type Plan struct {
	// Name is how a source and another plan's extends refer to it: lower-case words with dashes.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Version counts the revisions of the plan, from 1. It is not the version of an event.
	Version int `json:"version,omitempty"`
	// Extends names built-in plans whose events and common rule belong to this plan as well. An event of
	// this plan takes the place of all versions of the event of the same type and name there.
	Extends []string `json:"extends,omitempty"`
	// RatingScale is the scale of ratings sent without one: "1-5", "thumbs". An event may have its own.
	// Order of authority: sent scale, plan, source setting.
	RatingScale string `json:"rating_scale,omitempty"`
	// Common is a JSON Schema of every call as a whole, whatever its type.
	Common json.RawMessage `json:"common,omitempty"`
	// Defs are schemas that others refer to as "#/$defs/NAME".
	Defs   json.RawMessage `json:"$defs,omitempty"`
	Events []Event         `json:"events"`

	lines map[string]int // of the file that was parsed: path to line
}

// Event is one planned event, in one version.
type Event struct {
	// Type is the call type: track (the default), identify, group, page or screen.
	Type string `json:"type,omitempty"`
	// Name is the event's name; of page and screen calls theirs. Matched exactly. Empty for identify and
	// group, and for any page or screen without a rule of its own.
	Name string `json:"name,omitempty"`
	// Aliases are further names that the event may have.
	Aliases []string `json:"aliases,omitempty"`
	// Version is what calls name in context.protocols.event_version; 0 is 1.
	Version     int               `json:"version,omitempty"`
	Description string            `json:"description,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	// Deprecated says that the event should no longer be sent. Calls that do are still checked.
	Deprecated  bool   `json:"deprecated,omitempty"`
	RatingScale string `json:"rating_scale,omitempty"`
	// PropertyAliases are further names of a property, in order: "message_body": ["content", "text"]. A
	// property sent under one of them is checked as if it had its own name; strict enforcement reports it.
	PropertyAliases map[string][]string `json:"property_aliases,omitempty"`
	// Schema is a JSON Schema of the properties; of identify and group calls, of the traits.
	Schema json.RawMessage `json:"schema,omitempty"`
	// Call is a JSON Schema of the call as a whole, for rules on context or ids.
	Call json.RawMessage `json:"call,omitempty"`
}

// Severity says how much a [Problem] matters.
type Severity string

// Severities: a plan with an error cannot be used, one with a warning can.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is a finding of [Plan.Lint] or of an import.
type Problem struct {
	Severity Severity `json:"severity"`
	// Path is where in the plan: `events[3].schema.properties.rating`.
	Path string `json:"path"`
	// Line is the line of the parsed file; 0 when not known.
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
}

// Change is a difference between two plans.
type Change struct {
	// Breaking says that calls which conformed may no longer do.
	Breaking bool   `json:"breaking"`
	Event    string `json:"event,omitempty"` // "track Message Sent"; empty for the plan itself
	Path     string `json:"path,omitempty"`  // "properties.rating"
	// Description says what changed, in words: "became required".
	Description string `json:"description"`
}

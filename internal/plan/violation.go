package plan

// Kind classifies a violation.
type Kind string

// Kinds of a single call, found by [Checker.Check] and, for KindRepair, by [Enforcer.Judge].
const (
	KindUnplannedEvent    Kind = "unplanned_event"
	KindUnplannedProperty Kind = "unplanned_property"
	KindRequiredMissing   Kind = "required_missing"
	KindTypeMismatch      Kind = "type_mismatch"
	KindConstraint        Kind = "constraint" // enum, range, length, pattern, format …
	KindRepair            Kind = "repair"     // strict only: something odd that was understood
	KindUnknown           Kind = "unknown"    // the call cannot be checked: no JSON object
)

// Kinds of a whole conversation, found elsewhere: they need more than one call.
const (
	KindResponseWithoutPrompt Kind = "response_without_prompt"
	KindUnknownMessage        Kind = "unknown_message"        // feedback on a message that was never seen
	KindGap                   Kind = "gap"                    // a message that others refer to is not there
	KindMessageCountMismatch  Kind = "message_count_mismatch" // the client's message_count is not ours
)

// Violation is one way in which a call does not conform. Violations can be compared. It quotes nothing that a user wrote: names of
// fields, types, and values that the plan itself names. What is sent in the same wrong way is equal.
type Violation struct {
	Kind Kind `json:"kind"`
	// Event is the name as sent; of calls without one, their type.
	Event string `json:"event"`
	// Field is where: "properties.rating"; elements of arrays are "properties.items.$.price".
	Field string `json:"field,omitempty"`
	// Description says it in words: "expected integer, got string".
	Description string `json:"description"`
	// Rule is the rule's place in the plan: "Message Sent#/properties/rating/maximum", "common#/required".
	Rule string `json:"rule,omitempty"`
	// Version of the event's rule; 0 for the common rule and for unplanned events.
	Version int `json:"version,omitempty"`
}

// finding is a violation at one place of a call. Several may be one violation: of the elements of an array.
type finding struct {
	Violation
	pointer string // to what an omission removes; empty when there is nothing to remove
	untold  bool   // beyond the violations that are told: only kind and pointer are set
}

// violations tells each violation once, also when several rules find it.
func violations(lists ...[]finding) []Violation {
	var out []Violation
	told := map[Violation]bool{}
	for _, list := range lists {
		for i := range list {
			if list[i].untold {
				continue
			}
			same := list[i].Violation
			same.Rule, same.Version = "", 0
			if !told[same] {
				told[same] = true
				out = append(out, list[i].Violation)
			}
		}
	}
	return out
}

// Code is how a row notes the violation: "plan_required_missing".
func (v *Violation) Code() string { return "plan_" + string(v.Kind) }

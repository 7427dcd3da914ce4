// Package identity decides which ids are the same person: from what calls said together ([Claim]) and what
// people decided ([Decision]), by [Rules]. [Resolver.Resolve] is a pure function of the sets of both: neither the
// order of arrival nor repetition matters, and a decision that is undone leaves no trace. docs/identity.md says
// what the rules mean; ADR 0014 why they are so.
//
// It knows no storage and no clock. Package people feeds it, package profilestore keeps what it needs.
package identity

import (
	"cmp"
	"strings"
	"time"
)

// Type is what an identifier identifies by: a device, a mailbox, an account of some system.
type Type string

// Types that rows carry, and the one of mailboxes. Others are named by clients: "android.idfa", "braze_id".
const (
	User      Type = "user_id"
	Anonymous Type = "anonymous_id"
	Email     Type = "email"
)

// Identifier is one id of a type. Values compare by their bytes; whoever makes identifiers brings them to one form.
type Identifier struct {
	Type  Type   `json:"type"`
	Value string `json:"value"`
}

// Compare orders identifiers by type and value, for order alone.
func (i Identifier) Compare(o Identifier) int {
	return cmp.Or(strings.Compare(string(i.Type), string(o.Type)), strings.Compare(i.Value, o.Value))
}

// Ref writes an identifier as one text, type:value.
func (i Identifier) Ref() string { return string(i.Type) + ":" + i.Value }

// ParseRef reads what Ref wrote; false for what has no type or no value. Types have no colon, values may.
func ParseRef(s string) (Identifier, bool) {
	t, value, ok := strings.Cut(s, ":")
	return Identifier{Type(t), value}, ok && t != "" && value != ""
}

// Sighting is when an identifier was first seen in its own right. Identifiers without one are nobody's: an alias
// may name an id that never comes.
type Sighting struct {
	Identifier
	At     time.Time `json:"first_at"`
	Event  string    `json:"first_event"`
	Source string    `json:"first_source"`
}

// before orders what was seen: by time, then event id.
func (s *Sighting) before(o *Sighting) bool { return earlier(s.At, s.Event, o.At, o.Event) }

func earlier(at time.Time, event string, oAt time.Time, oEvent string) bool {
	return at.Before(oAt) || at.Equal(oAt) && event < oEvent
}

// Claim says that a call named two identifiers together. Of several claims of a pair the earliest counts that
// is not undone.
type Claim struct {
	// ID names the claim where it is kept.
	ID string `json:"id"`
	// A and B differ; which is which does not matter.
	A      Identifier `json:"a"`
	B      Identifier `json:"b"`
	At     time.Time  `json:"at"`
	Event  string     `json:"event"`
	Source string     `json:"source"`
	Basis  Basis      `json:"basis"`
}

// Basis is what a claim rests on. Of all that say the same the firmest counts, which is the least.
type Basis int

const (
	// ByCall: a call that stays as it is carries both identifiers, and so does a row of the event store.
	ByCall Basis = iota
	// ByDerived: only rows carried both that are derived of others, and may be taken back or changed.
	ByDerived
	// ByAlias: only alias calls said so, and no row carries both.
	ByAlias
)

// Other returns the end of the claim that is not i.
func (c *Claim) Other(i Identifier) Identifier {
	if c.A == i {
		return c.B
	}
	return c.A
}

// pair is the ends of a claim in order.
type pair struct{ a, b Identifier }

func (c *Claim) pair() pair {
	if c.B.Compare(c.A) < 0 {
		return pair{c.B, c.A}
	}
	return pair{c.A, c.B}
}

// before orders claims by time, then event id, then ends, so that the order is total.
func (c *Claim) compare(o *Claim) int {
	p, q := c.pair(), o.pair()
	return cmp.Or(c.At.Compare(o.At), strings.Compare(c.Event, o.Event), p.a.Compare(q.a), p.b.Compare(q.b))
}

// DecisionKind is what people can decide.
type DecisionKind string

// Kinds of decisions.
const (
	// Merge says that A and B are one person, whatever limits say.
	Merge DecisionKind = "merge"
	// Undo takes a decision back, or a merge that claims made.
	Undo DecisionKind = "undo"
	// Detach says that A names nobody else: what was claimed of it, before and after, links nothing.
	Detach DecisionKind = "detach"
)

// Decision is something that people decided. Decisions are never changed; they are taken back by others.
type Decision struct {
	ID   string       `json:"id"`
	At   time.Time    `json:"at"` // distinct: the order of decisions
	Kind DecisionKind `json:"kind"`
	By   string       `json:"by"`
	A    Identifier   `json:"a,omitzero"`
	B    Identifier   `json:"b,omitzero"`
	// Undoes is the id of the decision that an undo takes back; empty for one of claims.
	Undoes string `json:"undoes,omitempty"`
	// Event is the call whose claims no longer count, and Left and Right are what they had joined, which
	// stay apart whatever else is claimed. A merge that is decided later overrules it.
	Event string       `json:"event,omitempty"`
	Left  []Identifier `json:"left,omitempty"`
	Right []Identifier `json:"right,omitempty"`
}

// Facts are what a resolution is made from. Order and repetition mean nothing.
type Facts struct {
	Seen      []Sighting
	Claims    []Claim
	Decisions []Decision
}

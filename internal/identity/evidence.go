package identity

import (
	"slices"
	"time"
)

// Call is what a call says of who somebody is.
type Call struct {
	At     time.Time
	Event  string
	Source string
	// Named are the identifiers that it names; repeated ones count once.
	Named []Identifier
	// Derived says that the call is a row that is derived of others.
	Derived bool
	// Previous is what an alias call says that Named was called before: a user id or an anonymous id, which no call
	// says. Empty on other calls.
	Previous string
}

// Evidence returns what a call says: a sighting for each identifier, and a claim for each pair. Of an alias call it
// links what it was called before, as whichever type it was or will be seen.
func (c *Call) Evidence() (seen []Sighting, claims []Claim) {
	ids := make([]Identifier, 0, len(c.Named))
	for _, i := range c.Named {
		if !slices.Contains(ids, i) {
			ids = append(ids, i)
		}
	}
	claim := func(a, b Identifier, basis Basis) {
		if a != b {
			claims = append(claims, Claim{A: a, B: b, At: c.At, Event: c.Event, Source: c.Source, Basis: basis})
		}
	}
	said := ByCall
	if c.Derived {
		said = ByDerived
	}
	for n, i := range ids {
		seen = append(seen, Sighting{Identifier: i, At: c.At, Event: c.Event, Source: c.Source})
		for _, o := range ids[n+1:] {
			claim(i, o, said)
		}
	}
	if c.Previous == "" {
		return seen, claims
	}
	for _, i := range ids {
		if i.Type != User {
			continue
		}
		for _, t := range []Type{User, Anonymous} {
			if before := (Identifier{t, c.Previous}); !slices.Contains(ids, before) {
				claim(i, before, ByAlias)
			}
		}
	}
	return seen, claims
}

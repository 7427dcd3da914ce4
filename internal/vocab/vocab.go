// Package vocab turns calls as received into canonical events. A vocabulary is the set of names that
// a client uses; one folder below holds each of them. This package holds what they share: reading a
// call, ids, times, roles, ratings, and the codes of everything odd that was noticed on the way.
//
// Mapping is pure: no clock, no I/O, no state. The same call, with the same surroundings, gives the
// same event whenever it is mapped again. Package vocabtest holds every vocabulary to that and to the
// other laws stated here. Vocabularies import this package; packages pipeline and app use them.
package vocab

import "github.com/debrief-dev/debrief/internal/event"

// Vocabulary maps the calls of one set of names. It is stateless: all methods may be called from any
// number of goroutines.
type Vocabulary interface {
	// Name is the constant that rows carry in their vocabulary field: lower case, one word.
	Name() string
	// Claims reports whether c is this vocabulary's. A [Mapper] asks in its order and takes the first
	// that does; the segment vocabulary comes last and claims everything.
	Claims(c *Call) bool
	// Map finishes c.Row. What a call of any vocabulary has is filled in already: source, times, person,
	// session, conversation, group, locale. Map sets kind and action, takes the properties that it maps
	// out of c, and notes through c what was odd or missing; what it does not take becomes the row's
	// properties. What the call says beyond one row, Map adds by [Call.Also]. It never fails: a call that
	// the door accepted becomes a row.
	Map(c *Call)
	// Codes lists the repairs and violations that Map notes beyond [SharedCodes].
	Codes() []Code
	// Events says what becomes of each source event; docs/events.md is made of it, and where a mapping is a
	// table, it is that table. An event that becomes several rows, or one of several by what it says, has an
	// entry for each kind and action.
	Events() []EventDoc
}

// Source is what mapping needs to know of the source that a call came from: settings of its owner,
// passed in as data. The zero value has none.
type Source struct {
	// IDNamespace goes before every conversation id, for products whose ids collide. It is put there
	// as it is, so a separator is part of it.
	IDNamespace string
	// RatingScale is the scale of ratings that come without one, as clients write it: "1-5", "thumbs".
	// Empty: inferred from the value alone.
	RatingScale string
	// PlannedScale returns the scale that the source's tracking plan gives to ratings of an event, by call
	// type and name: it goes before RatingScale. "" for none; nil without a plan. It is pure.
	PlannedScale func(typ, name string) string
}

// Input is one call with what surrounds it. Mapping changes none of it.
type Input struct {
	Request *event.Request // the request that the call came in; its Calls are not read
	Seq     int64          // position of the request in the log
	Index   int64          // of the call in its request, from 0
	Raw     *event.Raw
	Source  Source // settings of Request.Source
}

// Package trace makes conversations of the spans and logs of a trace: it finds the turns, derives their
// messages, says which model calls count, and tells every row of the trace who took part and where. It
// reads canonical rows alone, whatever vocabulary they came from.
//
// It is pure: no clock, no I/O. What it returns is a function of the set of rows, so that the order in
// which spans and logs arrive, repetition, and restarts do not matter. Vocabularies use it to encode
// what a span says ([Content]); package derive decides when to derive and writes what comes out.
//
// # Rows of a trace
//
// A span's own row is of kind generation or tool, or product/traced for any other span. Its event id is
// trace:span; rows of vocabularies with event ids of their own (PostHog) are spans too, if they are
// generations or tools. Every further row with the span's id is a log of it: a message, an exception,
// the details of the call, an evaluation. A generation that is a log becomes product/traced when the
// span's own row is there, and the span's row takes from it what it lacks.
//
// # Turns
//
// A turn is the outermost span that carries messages; spans without are passed over, and what a tool
// asks a model is no turn unless nothing else was said in the trace. If nothing was captured at all, it
// is the outermost span with a finish reason. A turn opens with a user message if the last message of
// its input is the user's; otherwise it goes on with the turn before it. Calls that repeat the question of a
// turn that has no answer yet, go on with it as well: they are retries. Tools that appear in messages
// alone, without a span of their own, are not derived.
package trace

import (
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Codes of what a derivation notes in the repairs of rows.
const (
	// CodeFromTrace notes a field that other rows of the trace filled in or changed. From is the name of
	// the field, and "=" with the value before if there was one; To is then the value now. The next
	// derivation undoes it before it begins: that is what makes derivation a function of what clients sent.
	CodeFromTrace = "from_trace"
	// CodeMerged notes on a generation that a message was not derived since the client sent it itself. From
	// is the role, To the id of the client's message.
	CodeMerged = "merged_message"
)

// MergeWindow is how far apart in time a derived message and one that a client sent may be to be the
// same message.
const MergeWindow = 2 * time.Minute

// Deriver derives. The zero value works, but recognises no message by its text.
type Deriver struct {
	// Hash makes the keyed hash of a message text: [event.BodyHash] with the workspace's key.
	Hash func(text string) string
}

// Result is what follows from the rows of a trace.
type Result struct {
	// Puts are the rows to write: changed copies of rows that were given, and new or changed derived rows.
	// The revision of a changed row is that of the row given, of a new one 0: the caller raises it. Raw of
	// a changed row is that of the row given.
	Puts []*event.Event
	// Retracts are the ids of rows that an earlier derivation made and that are no more.
	Retracts []string
	// Merged counts the messages that clients sent themselves as well.
	Merged int
	// Scope is that of the rows.
	Scope
}

// Scope is where and when a trace took place.
type Scope struct {
	// ConversationID is the conversation that the trace belongs to; empty if it is none of a copilot.
	ConversationID string
	// From and Until are the start of the first span and the end of the last.
	From, Until time.Time
}

// ScopeOf returns the scope of a trace: what a caller must know to find the messages that clients sent
// themselves, for [Deriver.Derive].
func ScopeOf(rows []*event.Event) Scope {
	return newForest(rows).scope()
}

// Derive returns what follows from rows, which are all rows of one trace as they are stored: those with a
// span id, and what earlier derivations made. explicit are the messages of the conversation that
// clients sent themselves, at least those within [MergeWindow] of the trace. Neither is changed. Order
// and repetition in both do not matter. With the puts and retracts applied, Derive returns none.
func (d Deriver) Derive(rows, explicit []*event.Event) Result {
	f := newForest(rows)
	r := Result{Scope: f.scope()}
	f.joinLogs()
	turns := f.findTurns()
	f.countUsage()
	f.fillPlaces(r.ConversationID)
	said := f.messages(turns, d.Hash)
	r.Merged = merge(said, ownMessages(explicit), d.Hash)
	f.fillTurns(turns, said)
	var want []*event.Event
	for _, m := range said {
		if m.merged == nil {
			want = append(want, m.row)
		}
	}
	f.diff(&r, want)
	return r
}

// diff compares the forest with what is stored.
func (f *forest) diff(r *Result, want []*event.Event) {
	for _, e := range f.entries {
		if !same(e.stored, e.work) {
			r.Puts = append(r.Puts, e.work)
		}
	}
	for _, w := range want {
		old := f.derived[w.ID]
		if old != nil {
			w.Revision = old.Revision
		}
		if old == nil || !same(old, w) {
			r.Puts = append(r.Puts, w)
		}
		delete(f.derived, w.ID)
	}
	for id := range f.derived {
		r.Retracts = append(r.Retracts, id)
	}
	slices.Sort(r.Retracts)
}

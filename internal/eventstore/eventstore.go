// Package eventstore is the contract of the analytics store: events in, answers to the closed algebra
// of package query out. The engines are the folders below; memstore is the reference, and package
// storetest holds every engine to the laws stated here and to the reference. Only package app
// imports an engine.
//
// A store belongs to one workspace and to one process.
package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

var (
	// ErrNotFound is returned by Event when no row has the id.
	ErrNotFound = errors.New("no such event")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("event store is closed")
	// ErrInvalid wraps the error of a question that query's Validate refuses, of a cursor that is none,
	// and of a batch that Batch.Validate refuses.
	ErrInvalid = errors.New("invalid question or batch")
)

// Store is an event store. All methods may be called at once from any number of goroutines.
type Store interface {
	Writer
	Reader
	// Stats reports sizes; it may be some seconds old.
	Stats(ctx context.Context) (Stats, error)
	// Close waits for calls under way. It may be called twice.
	Close() error
}

// Writer is the writing half of a store.
type Writer interface {
	// Write applies a batch atomically and durably: after it returns nil, and after any crash from
	// then on, readers see all of it; on error they see nothing of it, and the same batch may be
	// written again. Answers, roll-ups and persons follow at once.
	//
	// A put whose id is not stored is stored. A put whose id is stored with the same or a higher revision
	// changes nothing and is reported as a duplicate; with a lower one it replaces that row. If it has no
	// Raw, it keeps that of the row which it replaces: who reads rows to write them again need not read
	// the calls. A retract
	// removes the row if its revision is not higher than the retract's, and from then on puts of that
	// id up to that revision are duplicates, also if there was no such row. Inside a batch, puts and
	// retracts work in order, puts first.
	// A put is compared with at least the rows received in the DedupeWindow up to its own received_at,
	// and with all rows when the batch is an Import.
	//
	// Times are stored in UTC, cut to microseconds. Everything else comes back as it was put: nil and
	// empty Body differ, JSON fields keep their bytes; only empty slices may become nil.
	//
	// Then the batch's analyses, topics and labels are written: each replaces what its conversation had;
	// of several for one conversation the last of the batch counts. They are facts beside the rows: no
	// row, roll-up, person or duplicate depends on them, [Written] does not count them, and no
	// conversation exists because of them. Those of a conversation that does not exist are kept, and
	// apply once it does; so do those of one whose rows were all retracted, should it come back.
	//
	// Last the batch's identities are written, each in the place of what its id had, the last of several for
	// one id. They are facts beside the rows too, whether a row has the id or not, and decide whose rows
	// are, older and newer ones alike. The person of a row, or of a conversation, with a user and an anonymous id is
	//
	//  1. if the user id is there and not ignored: its decided person, else the user id;
	//  2. if the anonymous id is there and not ignored: its decided person, else the person of the users,
	//     those ignored aside, that any row has it with, if that is one and the same, else the anonymous id;
	//  3. else the user id, else the anonymous id, ignored or not.
	//
	// The grain of users goes by user ids as they were sent, whoever they are.
	//
	// Writes are serialised; order of arrival of rows never changes an answer.
	Write(ctx context.Context, b *Batch) (Written, error)
	// Cursor returns the Cursor of the last batch written with one, 0 at first.
	Cursor(ctx context.Context) (uint64, error)
}

// Batch is one write. The store does not keep the slices or what they point to. Strings are valid
// UTF-8 (NUL is allowed), numbers are finite, and JSON fields are valid JSON whose strings escape no
// unpaired surrogates; the store need not check this.
type Batch struct {
	Puts     []*event.Event
	Retracts []Retract
	// Analyses are what was concluded of conversations. One of Version 0 removes what there was.
	Analyses []*event.Analysis
	// Topics say which topic conversations belong to; an empty Topic removes it, with its Group.
	Topics []event.ConversationTopic
	// Labels are those that people gave conversations: a set, so that empty and repeated ones do not
	// count; they come back in order of their bytes. None removes them.
	Labels []event.ConversationLabels
	// Identities are what was decided of ids. One without Person that is not Ignored removes what there
	// was; the Person of one that is Ignored counts for nothing.
	Identities []event.Identity
	// Import says that ids may repeat rows of any age: an import or a replay.
	Import bool
	// Cursor is the writer's progress mark, stored in the same write; 0 leaves the old one.
	Cursor uint64
}

// DedupeWindow is how long, by received_at, a store remembers an event id at least.
const DedupeWindow = 7 * 24 * time.Hour

// Retract removes a derived row.
type Retract struct {
	ID       string
	Revision int64
}

// Validate reports the first put without id, occurred_at or received_at, retract without id, analysis,
// topic or labels without conversation, or identity without id or of no known type. A store refuses the
// whole batch then.
func (b *Batch) Validate() error {
	for i, e := range b.Puts {
		if e.ID == "" || e.OccurredAt.IsZero() || e.ReceivedAt.IsZero() {
			return fmt.Errorf("put %d (%q) lacks id, occurred_at or received_at", i, e.ID)
		}
	}
	for i, r := range b.Retracts {
		if r.ID == "" {
			return fmt.Errorf("retract %d lacks an id", i)
		}
	}
	for i, a := range b.Analyses {
		if a == nil || a.ConversationID == "" {
			return fmt.Errorf("analysis %d lacks a conversation", i)
		}
	}
	for i, t := range b.Topics {
		if t.ConversationID == "" {
			return fmt.Errorf("topic %d lacks a conversation", i)
		}
	}
	for i, l := range b.Labels {
		if l.ConversationID == "" {
			return fmt.Errorf("labels %d lack a conversation", i)
		}
	}
	for i, x := range b.Identities {
		if x.ID == "" || x.Type != event.IdentityUser && x.Type != event.IdentityAnonymous {
			return fmt.Errorf("identity %d (type %q) lacks an id, or its type is none", i, x.Type)
		}
	}
	return nil
}

// Written reports what a write did.
type Written struct {
	Stored    int // puts that are no duplicates: new rows and replacements
	Retracted int // rows removed
	// Duplicates are the indexes into Puts of those that changed nothing.
	Duplicates []int
	// Conflicts are those duplicates of revision 0 whose call differs from the stored row, of revision
	// 0 too, in source event, user id, anonymous id, conversation id or original time: a client's bug
	// that people want to see. A row of a higher revision is not what a client said: derivation fills
	// the conversation and the person into the rows of a trace, say, and the span that is sent again
	// without them is no bug. A retracted row is no stored row.
	Conflicts []int
}

// Reader is the reading half of a store. A reader sees whole writes only; two calls may see different
// states. The engines bound memory and obey ctx. A list of another grain than the method's is invalid.
type Reader interface {
	// Query answers one question.
	Query(ctx context.Context, q query.Query) (*query.Result, error)
	// Breakdowns answers a question once for each of some fields, as Query does with the field alone for its
	// Breakdown; what the question has for one is not looked at. All answers are of one state of the store.
	Breakdowns(ctx context.Context, q query.Query, fields []string) ([]*query.Result, error)
	// Funnel, Retention and Paths answer the questions that look at the order of events.
	Funnel(ctx context.Context, f query.Funnel) (*query.FunnelResult, error)
	Retention(ctx context.Context, r query.Retention) (*query.RetentionResult, error)
	Paths(ctx context.Context, p query.Paths) (*query.PathsResult, error)
	// Conversations answers one page of roll-ups.
	Conversations(ctx context.Context, l query.List) (*ConversationPage, error)
	// Events streams rows; the sequence ends with its first error. Rows belong to the receiver. Without
	// List.Raw their Raw is nil. The cursor of a row
	// is query.EventCursor, or query.SortedCursor with List.Sort.
	Events(ctx context.Context, l query.List) iter.Seq2[*event.Event, error]
	// Event returns one row with its Raw, or ErrNotFound.
	Event(ctx context.Context, id string) (*event.Event, error)
	// Analyses returns the analyses of some conversations, at most query.MaxPage at once, by id; those
	// that have none are left out. Whether the conversation exists does not matter. An analysis comes
	// back as it was put, but for its times, which are in UTC and cut to microseconds, and empty slices,
	// which may become nil. It belongs to the caller.
	Analyses(ctx context.Context, ids []string) (map[string]*event.Analysis, error)
	// Identities returns the ids that are those of some persons, at most query.MaxPage at once, in order of
	// person, type and id, none twice: ids that by themselves resolve to the person, and are decided, or in a
	// tracked row, or in a row with both ids. Ignored ids are nobody's.
	Identities(ctx context.Context, persons []string) ([]event.Identity, error)
}

// ConversationPage is one page of a list.
type ConversationPage struct {
	Conversations []ConversationRow
	Next          string // cursor for List.After; "" if no row follows
	Total         int64  // of all pages, with List.Count; else 0
}

// ConversationRow is a roll-up with what depends on the question.
type ConversationRow struct {
	event.Conversation
	Person string `json:"person,omitempty"`
	// Of List.Conversion; absent without one.
	Converted            bool   `json:"converted"`
	ConversionInferred   bool   `json:"conversion_inferred"`
	MessagesToConversion *int64 `json:"messages_to_conversion,omitempty"`

	// What was concluded of it, said by people, or found by topics: the query fields of these names;
	// absent where they are. Signals has each name once, in order of its first. Outcome is converted
	// only if List.Conversion is given.
	Outcome             string   `json:"outcome,omitempty"`
	Topic               string   `json:"topic,omitempty"`
	TopicGroup          string   `json:"topic_group,omitempty"`
	TopicName           string   `json:"topic_name,omitempty"` // a store leaves it empty; package insight fills it in
	Labels              []string `json:"labels,omitempty"`
	Language            string   `json:"language,omitempty"`
	Sentiment           string   `json:"sentiment,omitempty"`
	Emotion             string   `json:"emotion,omitempty"`
	Quality             *float64 `json:"quality,omitempty"`
	ImpliedSatisfaction *float64 `json:"implied_satisfaction,omitempty"`
	PredictedRating     *float64 `json:"predicted_rating,omitempty"`
	Satisfaction        *float64 `json:"satisfaction,omitempty"`
	SatisfactionSource  string   `json:"satisfaction_source,omitempty"` // rated inferred
	Signals             []string `json:"signals,omitempty"`
}

// Stats is what a store knows about itself.
type Stats struct {
	Events        int64
	Conversations int64
	// Bytes on disk by purpose: "events", "raw", "conversations" … ; 0 for a store in memory.
	Bytes map[string]int64
}

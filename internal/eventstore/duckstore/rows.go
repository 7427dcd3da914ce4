package duckstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/debrief-dev/debrief/internal/event"
)

// rowColumns are the columns that an event is read back from, in the order of scan.
var rowColumns = []string{
	"id", "form", "place", "occurred_at", "original_at", "sent_at", "received_at", "request_seq", "batch_index",
	"user_id", "anonymous_id", "session_id", "conversation_id", "message_id",
	"body", "body_chars", "score", "properties", "rare", "raw", "trace_id",
}

// rowReader turns rows of rowColumns into events.
type rowReader struct {
	v      *view
	parser fastjson.Parser
	raw    *rawReader // nil if calls are not asked for

	form, place                                   int32
	occurred, received                            time.Time
	original, sent                                sql.NullTime
	trace                                         sql.NullString
	user, anonymous, session, chat, message, body sql.NullString
	properties, rare                              sql.NullString
	chars                                         sql.NullInt64
	score                                         sql.NullFloat64
	at                                            locator
	// more is where further columns go.
	more []any
}

func (r *rowReader) scan(ctx context.Context, rows interface{ Scan(...any) error }) (*event.Event, error) {
	e := &event.Event{}
	into := append([]any{
		&e.ID, &r.form, &r.place, &r.occurred, &r.original, &r.sent, &r.received, &e.RequestSeq, &e.BatchIndex,
		&r.user, &r.anonymous, &r.session, &r.chat, &r.message,
		&r.body, &r.chars, &r.score, &r.properties, &r.rare, (*int64)(&r.at), &r.trace,
	}, r.more...)
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	e.OccurredAt, e.ReceivedAt = r.occurred.UTC(), r.received.UTC()
	if r.original.Valid {
		e.OriginalAt = r.original.Time.UTC()
	}
	if r.sent.Valid {
		e.SentAt = r.sent.Time.UTC()
	}
	e.UserID, e.AnonymousID, e.SessionID = r.user.String, r.anonymous.String, r.session.String
	e.ConversationID, e.MessageID, e.TraceID = r.chat.String, r.message.String, r.trace.String
	if r.body.Valid {
		e.Body = new(r.body.String)
	}
	if r.chars.Valid {
		e.BodyChars = new(r.chars.Int64)
	}
	if r.score.Valid {
		e.Score = new(r.score.Float64)
	}
	if r.properties.Valid {
		e.Properties = json.RawMessage(r.properties.String)
	}
	if err := r.fill(ctx, e); err != nil {
		return nil, err
	}
	if r.rare.Valid {
		if err := r.v.s.shape.readRare(&r.parser, e, r.rare.String); err != nil {
			return nil, err
		}
	}
	if r.raw != nil {
		call, err := r.raw.read(monthOf(e.OccurredAt), r.at)
		if err != nil {
			return nil, err
		}
		e.Raw = call
	}
	return e, nil
}

// fill sets what form and place stand for.
func (r *rowReader) fill(ctx context.Context, e *event.Event) error {
	for _, x := range []struct {
		d *dictionary
		n int32
	}{{r.v.s.writer.forms, r.form}, {r.v.s.writer.places, r.place}} {
		from := x.d.lookup(x.n)
		if from == nil {
			// Beyond what is remembered; another connection, since this one is in the middle of an answer.
			if err := x.d.load(ctx, r.v.s.own, fmt.Sprintf(" WHERE %s = %d", x.d.key, x.n)); err != nil {
				return err
			}
			if from = x.d.lookup(x.n); from == nil {
				return fmt.Errorf("event %s: %s has no %s %d", e.ID, x.d.table, x.d.key, x.n)
			}
		}
		x.d.fill(e, from)
	}
	return nil
}

func prefixed(prefix string, names []string) string {
	return prefix + strings.Join(names, ", "+prefix)
}

package duckstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// plan is what a batch comes to once its ids have been compared with the store.
type plan struct {
	written eventstore.Written
	// puts to append, nil where a later one of the batch took the place.
	puts []*event.Event
	// remove are stored rows that were replaced or retracted.
	remove []*storedRow
	// kept are those of them whose calls their puts may keep, by id.
	kept map[string]*storedRow
	// retracted are the new or raised marks of retracts.
	retracted map[string]int64
}

func (p *plan) changesRows() bool {
	return len(p.puts) > 0 || len(p.remove) > 0 || len(p.retracted) > 0
}

// storedRow is what the writer has to know of a row that has an id of the batch.
type storedRow struct {
	id                     string
	revision               int64
	sourceEvent            string
	userID, anonymousID    string
	conversationID         string
	originalAt, occurredAt int64
	tracked                bool
	raw                    locator
	file                   *sealed // nil: in the hot file
}

func (r *storedRow) conflicts(e *event.Event) bool {
	return e.Revision == 0 && r.revision == 0 && (r.sourceEvent != e.SourceEvent || r.userID != e.UserID || r.anonymousID != e.AnonymousID ||
		r.conversationID != e.ConversationID || r.originalAt != micros(e.OriginalAt))
}

func rowOf(e *event.Event) *storedRow {
	return &storedRow{
		id: e.ID, revision: e.Revision, sourceEvent: e.SourceEvent, userID: e.UserID, anonymousID: e.AnonymousID,
		conversationID: e.ConversationID, originalAt: micros(e.OriginalAt), occurredAt: micros(e.OccurredAt),
	}
}

// current is the row that an id has at some point of a batch.
type current struct {
	put int        // index into plan.puts, -1 if the row was stored before
	row *storedRow // set if it was stored before
}

// plan compares a batch with the store.
func (w *writer) plan(ctx context.Context, b *eventstore.Batch) (*plan, error) {
	rows, marks, err := w.lookUp(ctx, b)
	if err != nil {
		return nil, err
	}
	p := &plan{retracted: map[string]int64{}, kept: map[string]*storedRow{}, puts: make([]*event.Event, 0, len(b.Puts))}
	now := make(map[string]current, len(b.Puts))
	for id, row := range rows {
		now[id] = current{put: -1, row: row}
	}
	for i, e := range b.Puts {
		c, exists := now[e.ID]
		if exists {
			old := c.row
			if old == nil {
				old = rowOf(p.puts[c.put])
			}
			if e.Revision <= old.revision {
				p.written.Duplicates = append(p.written.Duplicates, i)
				if old.conflicts(e) {
					p.written.Conflicts = append(p.written.Conflicts, i)
				}
				continue
			}
		}
		if mark, ok := marks[e.ID]; ok && e.Revision <= mark {
			p.written.Duplicates = append(p.written.Duplicates, i)
			continue
		}
		if exists {
			e = p.replace(c, e)
		}
		p.written.Stored++
		now[e.ID] = current{put: len(p.puts)}
		p.puts = append(p.puts, e)
	}
	for _, r := range b.Retracts {
		if mark, ok := marks[r.ID]; !ok || r.Revision > mark {
			marks[r.ID], p.retracted[r.ID] = r.Revision, r.Revision
		}
		c, exists := now[r.ID]
		if exists && p.revision(c) <= r.Revision {
			p.drop(c)
			delete(now, r.ID)
			p.written.Retracted++
		}
	}
	return p, nil
}

func (p *plan) revision(c current) int64 {
	if c.row != nil {
		return c.row.revision
	}
	return p.puts[c.put].Revision
}

// replace takes a row away in favour of a put, and returns the put to append: one without a call keeps that of
// the row.
func (p *plan) replace(c current, e *event.Event) *event.Event {
	switch {
	case c.row != nil:
		p.kept[e.ID] = c.row
	case len(e.Raw) == 0:
		with := *e
		with.Raw = p.puts[c.put].Raw
		e = &with
	}
	p.drop(c)
	return e
}

// drop takes a row away that the batch replaces or retracts.
func (p *plan) drop(c current) {
	if c.row != nil {
		p.remove = append(p.remove, c.row)
	} else {
		p.puts[c.put] = nil
	}
}

// lookUp finds the stored rows, and the marks of retracts, that have an id of the batch. Most ids are
// known to be new without asking; see seen.
func (w *writer) lookUp(ctx context.Context, b *eventstore.Batch) (map[string]*storedRow, map[string]int64, error) {
	var ids, retracted []string // to ask for
	from := time.Time{}         // rows received before it need not be found; zero: all are
	if !b.Import && len(b.Retracts) == 0 {
		for _, e := range b.Puts {
			if t := e.ReceivedAt.Add(-eventstore.DedupeWindow); from.IsZero() || t.Before(from) {
				from = t
			}
		}
	}
	filtered := w.ids.since(from)
	ask := func(id string) {
		if !filtered || w.ids.maybe(id) {
			ids = append(ids, id)
		}
		if w.marks.maybe(id) {
			retracted = append(retracted, id)
		}
	}
	for _, e := range b.Puts {
		ask(e.ID)
	}
	for _, r := range b.Retracts {
		ask(r.ID)
	}
	rows, marks := map[string]*storedRow{}, map[string]int64{}
	if len(ids) == 0 && len(retracted) == 0 {
		return rows, marks, nil
	}
	v, err := w.s.ownView(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer v.close()
	if err := v.storedRows(ctx, ids, from, rows); err != nil {
		return nil, nil, fmt.Errorf("look up ids: %w", err)
	}
	if len(retracted) > 0 {
		if err := v.marks(ctx, retracted, marks); err != nil {
			return nil, nil, fmt.Errorf("look up retracted ids: %w", err)
		}
	}
	return rows, marks, nil
}

// idList is a list of strings as one argument of a statement: FROM-able by unnestList.
func idList(ids []string) string {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, id)
	}
	return string(append(b, ']'))
}

// unnestList is the SQL of the rows of an idList.
func unnestList(parameter string) string {
	return `(SELECT unnest(from_json(` + parameter + `, '["VARCHAR"]')))`
}

// storedRows finds the rows with some ids that were received since from; zero: whenever. Most that there are
// were written lately, so sealed files are asked only for what the hot file does not have.
func (v *view) storedRows(ctx context.Context, ids []string, from time.Time, into map[string]*storedRow) error {
	received := ""
	if !from.IsZero() {
		received = " AND received_at >= " + timestamp(from.UnixMicro())
	}
	part := func(n int, table string) string {
		by := lookup{columns: []string{"id"}, condition: "id IN " + unnestList("$1")}
		return fmt.Sprintf(`SELECT %d AS file, id, form, user_id, anonymous_id, conversation_id, original_at, occurred_at, raw
			FROM %s e WHERE %s%s`, n, table, by.in(table, everything(), formatVersion), received)
	}
	if err := v.scanStored(ctx, part(-1, "events"), ids, into); err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return into[id] != nil })
	var parts []string
	for i, f := range v.manifest.sealed {
		if !from.IsZero() && f.lastReceived.Before(from) {
			continue
		}
		sql := part(i, f.schema()+".events")
		if f.dead {
			sql += fmt.Sprintf(" AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.month = %d AND d.id = e.id)", f.month)
		}
		parts = append(parts, sql)
	}
	if len(parts) == 0 {
		return nil
	}
	return v.scanStored(ctx, strings.Join(parts, " UNION ALL "), ids, into)
}

// scanStored reads rows that a SELECT finds for some ids.
func (v *view) scanStored(ctx context.Context, statement string, ids []string, into map[string]*storedRow) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := v.tx.QueryContext(ctx, `SELECT e.file, e.id, f.revision, coalesce(f.source_event, ''), coalesce(e.user_id, ''),
		coalesce(e.anonymous_id, ''), coalesce(e.conversation_id, ''), epoch_us(e.original_at), epoch_us(e.occurred_at), f.tracked, e.raw
		FROM (`+statement+`) e JOIN forms f ON f.form = e.form`, idList(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r := &storedRow{}
		var file int
		var original sql.NullInt64
		if err := rows.Scan(&file, &r.id, &r.revision, &r.sourceEvent, &r.userID, &r.anonymousID, &r.conversationID, &original, &r.occurredAt, &r.tracked, (*int64)(&r.raw)); err != nil {
			return err
		}
		r.originalAt = zeroTime
		if original.Valid {
			r.originalAt = original.Int64
		}
		if file >= 0 {
			r.file = v.manifest.sealed[file]
		}
		into[r.id] = r
	}
	return rows.Err()
}

func (v *view) marks(ctx context.Context, ids []string, into map[string]int64) error {
	rows, err := v.tx.QueryContext(ctx, "SELECT id, max(revision) FROM retracted WHERE id IN "+unnestList("$1")+" GROUP BY id", idList(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var revision int64
		if err := rows.Scan(&id, &revision); err != nil {
			return err
		}
		into[id] = revision
	}
	return rows.Err()
}

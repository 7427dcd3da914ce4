package duckstore

import (
	"errors"

	"github.com/debrief-dev/debrief/internal/event"
)

// remove takes rows away: out of the hot file, or by a note beside a sealed one.
func (w *writer) remove(rows []*storedRow) error {
	var hot []string
	dead := map[month][]string{}
	in := span{from: noTime, until: zeroTime}
	for _, r := range rows {
		if r.file != nil {
			dead[r.file.month] = append(dead[r.file.month], r.id)
			continue
		}
		hot = append(hot, r.id)
		in = span{min(in.from, r.occurredAt), max(in.until, r.occurredAt+1)}
	}
	for m, ids := range dead {
		if err := w.db.exec("INSERT INTO dead SELECT $1, * FROM "+unnestList("$2"), int64(m), idList(ids)); err != nil {
			return err
		}
	}
	if len(hot) == 0 {
		return nil
	}
	return w.db.exec("DELETE FROM events WHERE "+in.where("occurred_at")+" AND id IN "+unnestList("$1"), idList(hot))
}

// append stores events: the calls in raw files, which are synced before the rows are committed, and
// the rows.
func (w *writer) append(events []*event.Event, kept map[string]*storedRow) error {
	if len(events) == 0 {
		return nil
	}
	w.entries = w.entries[:0]
	calls := w.raw.reader()
	defer calls.close()
	for _, e := range events {
		at, err := w.call(e, kept[e.ID], calls)
		if err != nil {
			return err
		}
		if err := w.appendRow(e, at); err != nil {
			return err
		}
		w.identities.see(e)
	}
	if err := w.raw.sync(); err != nil {
		return err
	}
	return errors.Join(w.events.flush(), w.forms.store(w.db), w.places.store(w.db), w.identities.store(w.db))
}

// call returns where the call of a put is. A put that has none keeps that of the row that it replaces, if any:
// it stays where it is, or is copied when the event moves to another month.
func (w *writer) call(e *event.Event, replaced *storedRow, calls *rawReader) (locator, error) {
	to, call := monthOf(e.OccurredAt), e.Raw
	if len(call) == 0 && replaced != nil {
		from := monthOf(fromMicros(replaced.occurredAt))
		if from == to {
			return replaced.raw, nil
		}
		var err error
		if call, err = calls.read(from, replaced.raw); err != nil {
			return 0, err
		}
	}
	return w.raw.add(to, call)
}

func (w *writer) appendRow(e *event.Event, at locator) error {
	a := w.events
	a.string(colID, e.ID)
	form, place := w.forms.number(e), w.places.number(e)
	w.entries = append(w.entries, [2]*event.Event{form.event, place.event})
	a.int32(colForm, form.number)
	a.int32(colPlace, place.number)
	a.time(colOccurredAt, e.OccurredAt)
	a.time(colOriginalAt, e.OriginalAt)
	a.time(colSentAt, e.SentAt)
	a.time(colReceivedAt, e.ReceivedAt)
	a.int64(colRequestSeq, e.RequestSeq)
	a.int64(colBatchIndex, e.BatchIndex)
	a.text(colUserID, e.UserID)
	a.text(colAnonymousID, e.AnonymousID)
	a.text(colSessionID, e.SessionID)
	a.text(colConversationID, e.ConversationID)
	a.text(colMessageID, e.MessageID)
	if e.Body != nil {
		a.string(colBody, *e.Body)
	}
	if e.BodyChars != nil {
		a.int64(colBodyChars, *e.BodyChars)
	}
	if e.Score != nil {
		a.float64(colScore, *e.Score)
	}
	properties, changed := normalProperties(e.Properties)
	a.text(colProperties, string(properties))
	sent := e.Properties
	if !changed {
		sent = nil
	}
	w.rare = w.s.shape.appendRare(w.rare[:0], e, sent)
	a.text(colRare, string(w.rare))
	a.int64(colRaw, int64(at))
	a.text(colTraceID, e.TraceID)
	return a.next()
}

// recount finds anew when the pairs of ids of removed rows were first seen, if at all. That takes a walk over
// all rows, so rows that were replaced by ones that say the same of who and when are left out.
func (w *writer) recount(removed []*storedRow, puts []*event.Event, m *manifest) error {
	if len(removed) == 0 {
		return nil
	}
	now := make(map[string]*event.Event, len(puts))
	for _, e := range puts {
		now[e.ID] = e
	}
	done := map[pair]bool{}
	var users, anonymous []string
	for _, r := range removed {
		p := pair{r.userID, r.anonymousID}
		if done[p] || p == (pair{}) || r.seenLike(now[r.id]) {
			continue
		}
		done[p] = true
		w.identities.forget(p)
		users, anonymous = append(users, p.user), append(anonymous, p.anonymous)
	}
	if len(users) == 0 {
		return nil
	}
	const ofPairs = "(coalesce(user_id, ''), coalesce(anonymous_id, '')) IN (SELECT (u, a) FROM " +
		`(SELECT unnest(from_json($1, '["VARCHAR"]')) AS u, unnest(from_json($2, '["VARCHAR"]')) AS a))`
	if err := w.db.exec("DELETE FROM identities WHERE "+ofPairs, idList(users), idList(anonymous)); err != nil {
		return err
	}
	rows := m.parts([]string{"user_id", "anonymous_id", "form", "occurred_at"}, everything(), "")
	return w.db.exec(`INSERT INTO identities SELECT user_id, anonymous_id, min(occurred_at) FILTER (WHERE tracked)
		FROM `+rows+` e JOIN forms USING (form) WHERE `+ofPairs+` GROUP BY user_id, anonymous_id`, idList(users), idList(anonymous))
}

// seenLike reports whether an event shows the row's pair of ids at the same time.
func (r *storedRow) seenLike(e *event.Event) bool {
	return e != nil && e.UserID == r.userID && e.AnonymousID == r.anonymousID && micros(e.OccurredAt) == r.occurredAt && e.Tracked() == r.tracked
}

// mark notes up to which revision puts of ids are duplicates from now on.
func (w *writer) mark(retracted map[string]int64) error {
	if len(retracted) == 0 {
		return nil
	}
	a, err := w.db.newAppender("retracted", smallArena)
	if err != nil {
		return err
	}
	defer a.close()
	for id, revision := range retracted {
		a.string(0, id)
		a.int64(1, revision)
		if err := a.next(); err != nil {
			return err
		}
	}
	return a.flush()
}

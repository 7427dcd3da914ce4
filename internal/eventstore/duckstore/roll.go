package duckstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// rolling is the conversations that a write touches.
type rolling struct {
	touched []*skeleton
	fresh   []string // ids that had no roll-up before
}

// roll brings the roll-ups of all conversations that the plan touches up to date. The events are
// in the transaction already. A conversation that is new, or remembered, is rolled up from memory; any
// other is read from the store.
func (w *writer) roll(ctx context.Context, p *plan, m *manifest) (*rolling, error) {
	r := &rolling{}
	here, read := w.unboned(p.remove) // read: conversations to read
	asked := w.chats.since(time.Time{})
	for i, e := range p.puts {
		id := e.ConversationID
		if id == "" || !e.Tracked() || read[id] {
			continue
		}
		k := here[id]
		if k == nil {
			if k = w.skeletons.get(id); k == nil {
				if !asked || w.chats.maybe(id) {
					read[id] = true
					continue
				}
				k = &skeleton{id: string([]byte(id))}
			}
			here[k.id] = k
		}
		if !k.add(w.bones.of(e, w.entries[i][0], w.entries[i][1], &k.last), &w.bones) {
			read[id] = true
		}
	}
	for id, k := range here {
		if read[id] {
			continue
		}
		if k.count == 0 {
			w.skeletons.drop(id)
		}
		r.touched = append(r.touched, k)
	}
	if len(read) > 0 {
		if err := w.reread(ctx, r, read, p.puts, m); err != nil {
			return nil, err
		}
	}
	if err := w.unroll(r); err != nil {
		return nil, err
	}
	for _, k := range r.touched {
		c := k.conversation(&w.bones)
		if !k.stored {
			r.fresh = append(r.fresh, k.id)
		}
		if err := w.appendConversation(&c); err != nil {
			return nil, err
		}
		k.stored, k.storedFirst, k.storedLast = true, micros(c.FirstEventAt), micros(c.LastEventAt)
	}
	return r, errors.Join(w.conversations.flush(), w.places.store(w.db))
}

// unboned takes removed rows out of the skeletons that are remembered, which it returns, and the
// conversations of others.
func (w *writer) unboned(removed []*storedRow) (here map[string]*skeleton, read map[string]bool) {
	gone := map[string]map[string]bool{} // ids by conversation
	for _, row := range removed {
		if row.conversationID == "" || !row.tracked {
			continue
		}
		if gone[row.conversationID] == nil {
			gone[row.conversationID] = map[string]bool{}
		}
		gone[row.conversationID][row.id] = true
	}
	here, read = map[string]*skeleton{}, map[string]bool{}
	for id, ids := range gone {
		if k := w.skeletons.get(id); k != nil && k.remove(ids) {
			here[id] = k
		} else {
			read[id] = true
		}
	}
	return here, read
}

// reread makes the skeletons of conversations from all their events, those of this write included.
func (w *writer) reread(ctx context.Context, r *rolling, ids map[string]bool, puts []*event.Event, m *manifest) error {
	found := make(map[string]*skeleton, len(ids))
	list := make([]string, 0, len(ids))
	for id := range ids {
		id = string([]byte(id))
		list = append(list, id)
		found[id] = &skeleton{id: id}
	}
	in := span{from: noTime, until: zeroTime} // where their events are
	widen := func(first, last int64) { in = span{min(in.from, first), max(in.until, last+1)} }
	for _, e := range puts {
		if ids[e.ConversationID] {
			widen(micros(e.OccurredAt), micros(e.OccurredAt))
		}
	}
	err := w.db.query(func(c chunk) {
		id, first, last := c.column(0), c.column(1), c.column(2)
		for i := range c.rows() {
			k := found[id.text(i)]
			k.stored, k.storedFirst, k.storedLast = true, first.int64(i), last.int64(i)
			widen(k.storedFirst, k.storedLast)
		}
	}, "SELECT conversation_id, first_event_at, last_event_at FROM conversations WHERE conversation_id IN "+unnestList("$1"), idList(list))
	if err != nil {
		return err
	}
	if err := w.readBones(found, idList(list), in, m); err != nil {
		return err
	}
	for _, k := range found {
		w.skeletons.drop(k.id)
		if k.count > 0 || k.stored {
			r.touched = append(r.touched, k)
		}
	}
	return ctx.Err()
}

// readBones adds all tracked events of the conversations to their skeletons, in order.
func (w *writer) readBones(found map[string]*skeleton, ids string, in span, m *manifest) error {
	if in.empty() {
		return nil
	}
	columns := []string{"id", "form", "place", "occurred_at", "original_at", "request_seq", "batch_index",
		"user_id", "anonymous_id", "session_id", "conversation_id", "body", "score", "rare"}
	rows := m.found(columns, in, "", &lookup{columns: []string{"conversation_id"}, condition: "conversation_id IN " + unnestList("$1")})
	return w.db.query(func(c chunk) { w.bonesOf(c, found) }, fmt.Sprintf(`
		SELECT e.conversation_id, e.id, e.occurred_at, e.original_at, e.request_seq, e.batch_index,
			e.user_id, e.anonymous_id, e.session_id, e.score, f.kind, f.action, f.role, f.reason,
			p.workspace, p.source, p.agent_id, p.mode, p.channel, p.locale,
			CASE WHEN f.kind = 'message' AND f.role = 'user' THEN left(e.body, %d) END,
			e.rare->>'$.group_id', e.rare->>'$.title', CAST(e.rare->>'$.reported_message_count' AS BIGINT),
			f.counts_usage, f.tool_ok, coalesce(f.response_model, f.request_model),
			CAST(e.rare->>'$.input_tokens' AS BIGINT), CAST(e.rare->>'$.output_tokens' AS BIGINT), CAST(e.rare->>'$.cost_usd' AS DOUBLE)
		FROM %s e JOIN forms f ON f.form = e.form AND f.tracked JOIN places p ON p.place = e.place
		ORDER BY e.conversation_id, %s`, event.PreviewChars, rows, conversationOrder("e", "")), ids)
}

// conversationOrder is event.Event.Before as the terms of an ORDER BY.
func conversationOrder(table, direction string) string {
	return fmt.Sprintf("%[1]s.occurred_at %[2]s, coalesce(%[1]s.original_at, '-infinity'::TIMESTAMP) %[2]s, %[1]s.request_seq %[2]s, %[1]s.batch_index %[2]s, %[1]s.id %[2]s",
		table, direction)
}

func (w *writer) bonesOf(c chunk, found map[string]*skeleton) {
	col := make([]vector, 30)
	for i := range col {
		col[i] = c.column(i)
	}
	e := event.Event{}
	for i := range c.rows() {
		own := func(column int) string { return strings.Clone(col[column].text(i)) }
		e = event.Event{
			ID: col[1].text(i), OccurredAt: fromMicros(col[2].int64(i)),
			RequestSeq: col[4].int64(i), BatchIndex: col[5].int64(i),
			UserID: col[6].text(i), AnonymousID: col[7].text(i), SessionID: col[8].text(i),
			Kind: event.Kind(own(10)), Action: own(11), Role: own(12), Reason: own(13),
			Workspace: own(14), Source: own(15), AgentID: own(16), Mode: own(17),
			Channel: own(18), Locale: own(19), GroupID: col[21].text(i), Title: col[22].text(i),
		}
		if !col[3].null(i) {
			e.OriginalAt = fromMicros(col[3].int64(i))
		}
		if !col[9].null(i) {
			e.Score = new(col[9].float64(i))
		}
		if !col[20].null(i) {
			e.Body = new(col[20].text(i))
		}
		if !col[23].null(i) {
			e.ReportedMessageCount = new(col[23].int64(i))
		}
		if !col[25].null(i) {
			e.ToolOK = new(col[25].bool(i))
		}
		e.CountsUsage, e.ResponseModel = col[24].bool(i), own(26)
		if !col[27].null(i) {
			e.InputTokens = new(col[27].int64(i))
		}
		if !col[28].null(i) {
			e.OutputTokens = new(col[28].int64(i))
		}
		if !col[29].null(i) {
			e.CostUSD = new(col[29].float64(i))
		}
		k := found[col[0].text(i)]
		k.add(w.bones.of(&e, &e, &e, &k.last), &w.bones)
	}
}

// unroll removes the stored roll-ups of the touched conversations, and drops those that are gone.
func (w *writer) unroll(r *rolling) error {
	var ids []string
	in := span{from: noTime, until: zeroTime}
	for _, k := range r.touched {
		if k.stored {
			ids = append(ids, k.id)
			in = span{min(in.from, k.storedFirst), max(in.until, k.storedFirst+1)}
		}
	}
	if len(ids) > 0 {
		err := w.db.exec("DELETE FROM conversations WHERE "+in.where("first_event_at")+" AND conversation_id IN "+unnestList("$1"), idList(ids))
		if err != nil {
			return err
		}
	}
	left := r.touched[:0]
	for _, k := range r.touched {
		if k.count > 0 {
			left = append(left, k)
		}
	}
	r.touched = left
	return nil
}

func (w *writer) appendConversation(c *event.Conversation) error {
	e := &w.context
	e.Workspace, e.Source, e.AgentID, e.Mode, e.Channel, e.Locale = c.Workspace, c.Source, c.AgentID, c.Mode, c.Channel, c.Locale
	place := w.places.number(e).number
	a, col := w.conversations, -1
	next := func() int { col++; return col }
	text := func(s string) { a.text(next(), s) }
	at := func(t time.Time) { a.time(next(), t) }
	count := func(n int64) { a.int64(next(), n) }
	number := func(p *float64) {
		if next(); p != nil {
			a.float64(col, *p)
		}
	}
	whole := func(p *int64) {
		if next(); p != nil {
			a.int64(col, *p)
		}
	}
	text(c.ID)
	a.int32(next(), place)
	text(c.UserID)
	text(c.AnonymousID)
	text(c.SessionID)
	text(c.GroupID)
	text(c.Title)
	at(c.At)
	a.bool(next(), c.Started)
	at(c.FirstEventAt)
	at(c.LastEventAt)
	a.bool(next(), c.Ended)
	at(c.EndedAt)
	text(c.EndReason)
	count(c.Events)
	count(c.Messages)
	count(c.UserMessages)
	count(c.AgentMessages)
	count(c.HumanAgentMessages)
	count(c.Actions)
	count(c.Components)
	count(c.Media)
	count(c.Feedback)
	count(c.Rated)
	number(c.Score)
	whole(c.ReportedMessageCount)
	at(c.FirstMessageAt)
	at(c.LastMessageAt)
	number(c.DurationMS)
	number(c.FirstResponseMS)
	text(c.Preview)
	count(c.ModelCalls)
	count(c.FailedCalls)
	count(c.CancelledCalls)
	count(c.FailedTools)
	whole(c.InputTokens)
	whole(c.OutputTokens)
	number(c.CostUSD)
	text(c.Model)
	return a.next()
}

// committed remembers the skeletons.
func (r *rolling) committed(w *writer) {
	for _, id := range r.fresh {
		w.chats.add(id, ever())
	}
	for _, k := range r.touched {
		w.skeletons.put(k)
	}
}

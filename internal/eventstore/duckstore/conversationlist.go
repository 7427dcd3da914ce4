package duckstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Conversations implements [eventstore.Reader].
func (s *Store) Conversations(ctx context.Context, l query.List) (*eventstore.ConversationPage, error) {
	page, err := s.page(ctx, &l)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	return page, nil
}

// pageColumns are columns of table conversations, in the order of scanConversation.
var pageColumns = []string{
	"conversation_id", "user_id", "anonymous_id", "session_id", "group_id", "title",
	"happened_at", "started", "first_event_at", "last_event_at", "ended", "ended_at", "end_reason",
	"events", "messages", "user_messages", "agent_messages", "human_agent_messages",
	"actions", "components", "media", "feedback", "rated", "score", "reported_message_count",
	"first_message_at", "last_message_at", "duration_ms", "first_response_ms", "preview",
	"model_calls", "failed_calls", "cancelled_calls", "failed_tools", "input_tokens", "output_tokens", "cost_usd", "model",
}

func (s *Store) page(ctx context.Context, l *query.List) (*eventstore.ConversationPage, error) {
	if err := validList(l, query.Conversations); err != nil {
		return nil, err
	}
	limit := l.Limit
	if limit == 0 {
		limit = query.DefaultPage
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	defer v.close()
	places, total, err := v.places(ctx, l, limit+1)
	page := &eventstore.ConversationPage{Total: total}
	if err != nil || len(places) == 0 {
		return page, err
	}
	if len(places) > limit {
		places = places[:limit]
		last := places[limit-1]
		page.Next = query.SortedCursor(sortText(last.key), last.id).String()
	}
	rows, err := v.conversations(ctx, l, places)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if r, ok := rows[p.id]; ok {
			page.Conversations = append(page.Conversations, r)
		}
	}
	return page, nil
}

// listPlace is a conversation's place in a list: what it is sorted by, and where its events lie.
type listPlace struct {
	id          string
	key         any
	first, last int64
}

// places finds which conversations a page has. What a row says beside, its conversion above all, is read for
// these alone, unless it is filtered or sorted by. Those of all pages are counted where the list asks for it.
func (v *view) places(ctx context.Context, l *query.List, limit int) (places []listPlace, total int64, err error) {
	c, err := newCompiler(ctx, v, l.Zone)
	if err != nil {
		return nil, 0, err
	}
	c.rows, c.ofChats, c.conversion = spanOf(l.Range), true, l.Conversion
	s := c.conversations()
	pass, err := c.condition(l.Filter, s)
	if err != nil {
		return nil, 0, err
	}
	if persons := personsOf(l.Filter); persons != nil {
		s.by = c.idsOf(persons)
	}
	o, err := c.order(l, s, s.conversation())
	if err != nil {
		return nil, 0, err
	}
	from, err := s.from()
	if err != nil {
		return nil, 0, err
	}
	after := o.after
	if after == "" {
		after = "true"
	}
	found := fmt.Sprintf("SELECT %s AS id, %s AS k, epoch_us(%[3]s.first_event_at) AS began, epoch_us(%[3]s.last_event_at) AS ended, %[4]s AS later FROM %[5]s%[6]s",
		s.conversation(), o.key, s.alias, after, from, where(c.rows.where(s.time()), pass))
	inOrder := fmt.Sprintf("ORDER BY k %[1]s NULLS LAST, id %[1]s", o.direction)
	statement := fmt.Sprintf("SELECT 0, id, k, began, ended FROM (%s) WHERE later %s LIMIT %d", found, inOrder, limit)
	if l.Count {
		// What passes is found once, to be counted and to be cut: a filter may read the texts of all events.
		all := c.name("found")
		c.with = append(c.with, fmt.Sprintf("%s AS MATERIALIZED (%s)", all, found))
		statement = fmt.Sprintf(`SELECT n, id, k, began, ended FROM (SELECT count(*) AS n FROM %[1]s)
			LEFT JOIN (SELECT * FROM %[1]s WHERE later %[2]s LIMIT %[3]d) ON true %[2]s`, all, inOrder, limit)
	}
	rows, err := v.tx.QueryContext(ctx, c.statement(statement), c.args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id sql.NullString // NULL: none is on the page
		var p listPlace
		var began, ended sql.NullInt64
		if err := rows.Scan(&total, &id, &p.key, &began, &ended); err != nil {
			return nil, 0, err
		}
		if id.Valid {
			p.id, p.first, p.last = id.String, began.Int64, ended.Int64
			places = append(places, p)
		}
	}
	return places, total, rows.Err()
}

// conversations reads the rows of some conversations, by id.
func (v *view) conversations(ctx context.Context, l *query.List, places []listPlace) (map[string]eventstore.ConversationRow, error) {
	c, err := newCompiler(ctx, v, l.Zone)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(places))
	in := span{places[0].first, places[0].last + 1}
	for i, p := range places {
		ids[i] = p.id
		in = span{min(in.from, p.first), max(in.until, p.last+1)}
	}
	c.chats, c.conversion = &in, l.Conversion
	statement, err := c.conversationRows(ids, in)
	if err != nil {
		return nil, err
	}
	rows, err := v.tx.QueryContext(ctx, statement, c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string]eventstore.ConversationRow, len(ids))
	for rows.Next() {
		r, err := scanConversation(rows)
		if err != nil {
			return nil, err
		}
		out[r.ID] = r
	}
	return out, rows.Err()
}

// conversationRows compiles the rows of conversations whose events lie in a span: pageColumns, those of places,
// person, converted, messages to conversion, and besideColumns.
func (c *compiler) conversationRows(ids []string, in span) (string, error) {
	s := c.conversations()
	s.of = fmt.Sprintf("(SELECT * FROM conversations WHERE %s AND conversation_id IN %s)", in.where("first_event_at"), unnestList(c.arg(idList(ids))))
	columns := []string{prefixed(s.alias+".", pageColumns)}
	for _, name := range append(append([]string{}, chatPlaceFields...), "person", "converted", "conversion_inferred", "messages_to_conversion") {
		f, err := query.Resolve(query.Conversations, name)
		if err != nil {
			return "", err
		}
		x, err := s.field(f)
		if err != nil {
			return "", err
		}
		columns = append(columns, x.sql)
	}
	from, err := s.from()
	if err != nil {
		return "", err
	}
	return c.statement(fmt.Sprintf(`SELECT %s, %s FROM %s LEFT JOIN analyses a ON a.conversation_id = %[4]s LEFT JOIN topics t ON t.conversation_id = %[4]s
		LEFT JOIN labels b ON b.conversation_id = %[4]s`, strings.Join(columns, ", "), besideColumns, from, s.conversation())), nil
}

func scanConversation(rows *sql.Rows) (eventstore.ConversationRow, error) {
	var r eventstore.ConversationRow
	c := &r.Conversation
	var user, anonymous, session, group, title, reason, preview, workspace, source, agent, mode, channel, locale, person, model sql.NullString
	var ended, firstMessage, lastMessage sql.NullTime
	var score, duration, response, messages, cost sql.NullFloat64
	var reported, input, output sql.NullInt64
	var beside besideRow
	err := rows.Scan(append([]any{&c.ID, &user, &anonymous, &session, &group, &title,
		&c.At, &c.Started, &c.FirstEventAt, &c.LastEventAt, &c.Ended, &ended, &reason,
		&c.Events, &c.Messages, &c.UserMessages, &c.AgentMessages, &c.HumanAgentMessages,
		&c.Actions, &c.Components, &c.Media, &c.Feedback, &c.Rated, &score, &reported,
		&firstMessage, &lastMessage, &duration, &response, &preview,
		&c.ModelCalls, &c.FailedCalls, &c.CancelledCalls, &c.FailedTools, &input, &output, &cost, &model,
		&workspace, &source, &agent, &mode, &channel, &locale, &person, &r.Converted, &r.ConversionInferred, &messages}, beside.into()...)...)
	if err != nil {
		return r, err
	}
	c.UserID, c.AnonymousID, c.SessionID, c.GroupID = user.String, anonymous.String, session.String, group.String
	c.Title, c.EndReason, c.Preview, c.Workspace, c.Source = title.String, reason.String, preview.String, workspace.String, source.String
	c.AgentID, c.Mode, c.Channel, c.Locale, r.Person = agent.String, mode.String, channel.String, locale.String, person.String
	c.At, c.FirstEventAt, c.LastEventAt = c.At.UTC(), c.FirstEventAt.UTC(), c.LastEventAt.UTC()
	if ended.Valid {
		c.EndedAt = ended.Time.UTC()
	}
	if firstMessage.Valid {
		c.FirstMessageAt, c.LastMessageAt = firstMessage.Time.UTC(), lastMessage.Time.UTC()
	}
	c.Score, c.DurationMS, c.FirstResponseMS = pointer(score), pointer(duration), pointer(response)
	c.CostUSD, c.Model = pointer(cost), model.String
	c.ReportedMessageCount, c.InputTokens, c.OutputTokens = wholePointer(reported), wholePointer(input), wholePointer(output)
	if messages.Valid {
		r.MessagesToConversion = new(int64(messages.Float64))
	}
	beside.fill(&r)
	return r, nil
}

func pointer(n sql.NullFloat64) *float64 {
	if !n.Valid {
		return nil
	}
	return new(n.Float64)
}

func wholePointer(n sql.NullInt64) *int64 {
	if !n.Valid {
		return nil
	}
	return new(n.Int64)
}

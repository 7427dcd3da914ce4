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
	c, err := newCompiler(ctx, v, l.Zone)
	if err != nil {
		return nil, err
	}
	c.rows, c.ofChats, c.conversion = spanOf(l.Range), true, l.Conversion
	statement, err := c.conversationList(l, limit+1)
	if err != nil {
		return nil, err
	}
	rows, err := v.tx.QueryContext(ctx, statement, c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := &eventstore.ConversationPage{}
	var last string // cursor of the row before
	for rows.Next() {
		if len(page.Conversations) == limit {
			page.Next = last
			break
		}
		r, key, err := scanConversation(rows)
		if err != nil {
			return nil, err
		}
		page.Conversations = append(page.Conversations, r)
		last = query.SortedCursor(sortText(key), r.ID).String()
	}
	return page, rows.Err()
}

// conversationList compiles a page: pageColumns, those of places, person, converted, messages to
// conversion, what is sorted by, and besideColumns, which are joined to the rows of the page alone.
func (c *compiler) conversationList(l *query.List, limit int) (string, error) {
	s := c.conversations()
	pass, err := c.condition(l.Filter, s)
	if err != nil {
		return "", err
	}
	o, err := c.order(l, s, s.conversation())
	if err != nil {
		return "", err
	}
	columns := make([]string, 0, len(pageColumns)+12)
	for _, name := range pageColumns {
		columns = append(columns, s.alias+"."+name)
	}
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
	columns = append(columns, o.key)
	from, err := s.from()
	if err != nil {
		return "", err
	}
	for i := range columns {
		columns[i] += fmt.Sprintf(" AS p%d", i) // p0 is the id, the last one what is sorted by
	}
	direction := "ASC"
	if l.Desc {
		direction = "DESC"
	}
	return c.statement(fmt.Sprintf(`SELECT p.*, %[1]s FROM (SELECT %[2]s FROM %[3]s%[4]s ORDER BY %[5]s LIMIT %[6]d) p
		LEFT JOIN analyses a ON a.conversation_id = p.p0 LEFT JOIN topics t ON t.conversation_id = p.p0
		LEFT JOIN labels b ON b.conversation_id = p.p0 ORDER BY p.p%[7]d %[8]s NULLS LAST, p.p0 %[8]s`,
		besideColumns, strings.Join(columns, ", "), from, where(c.rows.where(s.time()), pass, o.after), o.terms, limit,
		len(columns)-1, direction)), nil
}

func scanConversation(rows *sql.Rows) (eventstore.ConversationRow, any, error) {
	var r eventstore.ConversationRow
	c := &r.Conversation
	var key any
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
		&workspace, &source, &agent, &mode, &channel, &locale, &person, &r.Converted, &r.ConversionInferred, &messages, &key}, beside.into()...)...)
	if err != nil {
		return r, nil, err
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
	return r, key, nil
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

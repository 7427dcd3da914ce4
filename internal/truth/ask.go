package truth

import (
	"context"
	"fmt"
	"time"
)

// asker asks all questions, one after the other, and keeps the first error.
type asker struct {
	ctx        context.Context
	c          *client
	conversion []string // parameters that choose the conversion definition
	err        error
}

func (q *asker) metric(name string, params ...string) *answer {
	if q.err != nil {
		return new(answer)
	}
	a, err := q.c.metric(q.ctx, name, append([]string{"zone", "UTC"}, params...)...)
	if err != nil {
		q.err = err
	}
	return a
}

// count is a metric that counts.
func (q *asker) count(name string, params ...string) int64 { return q.metric(name, params...).Total.N }

// dist is a distribution, its values multiplied by scale; nil if there are none.
func (q *asker) dist(name string, scale float64, params ...string) *Dist {
	var d Dist
	for _, s := range []struct {
		stat string
		into *float64
	}{{"mean", &d.Mean}, {"median", &d.Median}, {"p95", &d.P95}, {"min", &d.Min}, {"max", &d.Max}, {"sum", &d.Sum}} {
		a := q.metric(name, append([]string{"stat", s.stat}, params...)...)
		if a.Total.Value == nil {
			return nil
		}
		d.N, *s.into = a.Total.N, round6(*a.Total.Value*scale)
	}
	return &d
}

// everyGroup is a limit on groups that no truth file reaches.
const everyGroup = 10_000

// groups counts by one field; rows that lack it are left out.
func (q *asker) groups(name, field string, params ...string) map[string]int64 {
	out := map[string]int64{}
	params = append([]string{"breakdown", field, "limit", fmt.Sprint(everyGroup)}, params...)
	a := q.metric(name, params...)
	if a.GroupsTotal > everyGroup && q.err == nil {
		q.err = fmt.Errorf("metric %s has more than %d groups of %s", name, everyGroup, field)
	}
	for _, g := range a.Groups {
		if g.Keys[0] != nil {
			out[*g.Keys[0]] = g.N
		}
	}
	return out
}

// series counts by day or week; days with nothing are left out.
func (q *asker) series(name, period string) map[string]int64 {
	out := map[string]int64{}
	for _, p := range q.metric(name, "period", period, "week_start", "monday").Series {
		if p.Value != nil && *p.Value > 0 {
			out[p.Start.UTC().Format(time.DateOnly)] = int64(*p.Value)
		}
	}
	return out
}

// edge is the time of the first or last tracked event, as Python's isoformat writes it; nil if there is none.
func (q *asker) edge(last string) *string {
	var list eventList
	if q.err == nil {
		q.err = q.c.get(q.ctx, &list, "events", "where", "tracked:eq:true", "limit", "1", "desc", last)
	}
	if len(list.Events) == 0 {
		return nil
	}
	t := list.Events[0].OccurredAt.UTC()
	layout := "2006-01-02T15:04:05.000000+00:00"
	if t.Nanosecond() == 0 {
		layout = "2006-01-02T15:04:05+00:00"
	}
	return new(t.Format(layout))
}

// msToS turns milliseconds into seconds.
const msToS = 1e-3

func (q *asker) truth() *Truth {
	isUser, isAgent := []string{"where", "role:eq:user"}, []string{"where", "role:eq:agent"}
	return &Truth{
		Events: q.count("events"), DuplicateIDs: q.count("events") - q.count("event_ids"), EventsByName: q.groups("events", "source_event"),
		First: q.edge("false"), Last: q.edge("true"),
		Conversations: q.count("conversations"), Users: q.count("active_users"),
		Messages: ByAuthor{Total: q.count("messages"), Customer: q.count("user_messages"), Agent: q.count("agent_messages")},
		PerConv:  q.dist("messages_per_conversation", 1), UserPerConv: q.dist("user_messages_per_conversation", 1),
		AgentPerConv: q.dist("agent_messages_per_conversation", 1),
		Duration:     q.dist("duration", msToS), Response: q.dist("response_time", msToS), FirstResponse: q.dist("first_response_time", msToS),
		BodyChars:     BodyChars{Customer: q.dist("message_length", 1, isUser...), Agent: q.dist("message_length", 1, isAgent...)},
		WithoutUser:   q.count("conversations_without_user_message"),
		WithoutAgent:  q.count("conversations_without_agent_message"),
		SingleMessage: q.count("single_message_conversations"), Ended: q.count("conversations_ended"),
		Rating: q.rating(), Thumbs: q.groups("rating", "rating_raw", "where", isThumb),
		WithFeedback: q.count("conversations_with_feedback"),
		Actions:      q.actions(), ActionsDistinct: int64(len(q.groups("actions", "tool_name"))),
		Funnel: q.funnel(),
		Conversions: Conversions{
			Conversations: q.count("converted_conversations", q.conversion...),
			Until:         q.dist("messages_to_conversion", 1, q.conversion...),
		},
		ConvPerUser: q.dist("conversations_per_user", 1), MessagesPerUser: q.dist("messages_per_user", 1),
		ConvByDay: q.series("conversations", "day"), MessagesByDay: q.series("messages", "day"),
		ActiveByDay: q.series("active_users", "day"), ActiveByWeek: q.series("active_users", "week"),
		ConvByHour: q.groups("conversations", "hour_of_day"),
		TopUsers:   q.topUsers(), Retention: q.retention(),
	}
}

// isThumb are ratings by thumb; recordings name that scale.
const isThumb = "rating_scale_raw:eq:thumb"

func (q *asker) rating() Rating {
	total := q.metric("rating", "stat", "mean", "where", "!"+isThumb).Total
	r := Rating{Histogram: q.groups("rating", "rating_raw", "where", "!"+isThumb), Count: total.N}
	if total.Value != nil {
		r.Mean = new(round6(*total.Value))
	}
	return r
}

// funnel asks how many conversations reach each step.
func (q *asker) funnel() map[string]int64 {
	params := []string{"zone", "UTC"}
	for i, name := range FunnelSteps() {
		params = append(params, fmt.Sprintf("step%d", i+1), "source_event:eq:"+name, fmt.Sprintf("name%d", i+1), name)
	}
	var f funnel
	if q.err == nil {
		q.err = q.c.get(q.ctx, &f, "funnel", params...)
	}
	out := map[string]int64{}
	for _, s := range f.Steps {
		out[s.Name] = s.N
	}
	return out
}

// mostUsers is how many users a truth file names.
const mostUsers = 10

func (q *asker) topUsers() []Top {
	out := []Top{}
	for _, g := range q.metric("messages", "breakdown", "user_id", "where", "user_id:exists", "limit", fmt.Sprint(mostUsers)).Groups {
		out = append(out, Top{User: *g.Keys[0], N: g.N})
	}
	return out
}

// mostWeeks is how many weeks after their first users are followed.
const mostWeeks = 60

func (q *asker) retention() map[string]map[string]int64 {
	var r retention
	if started := "source_event:eq:Conversation Started"; q.err == nil {
		q.err = q.c.get(q.ctx, &r, "retention", "zone", "UTC", "period", "week", "week_start", "monday", "periods", fmt.Sprint(mostWeeks),
			"who", "users", "first", started, "return", started)
	}
	out := map[string]map[string]int64{}
	for _, c := range r.Cohorts {
		weeks := map[string]int64{}
		for k, n := range c.Returned {
			if n > 0 {
				weeks[fmt.Sprint(k)] = n
			}
		}
		out[c.Start.UTC().Format(time.DateOnly)] = weeks
	}
	return out
}

// mostActions is how many actions a truth file names.
const mostActions = 25

func (q *asker) actions() map[string]int64 {
	out := map[string]int64{}
	for _, g := range q.metric("actions", "breakdown", "tool_name", "where", "tool_name:exists", "limit", fmt.Sprint(mostActions)).Groups {
		out[*g.Keys[0]] = g.N
	}
	return out
}

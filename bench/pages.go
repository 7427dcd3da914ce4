package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver of byHand
)

// pageQuestion is one request that a page makes.
type pageQuestion struct{ page, name, path string }

// scope is that of all questions: half a year of the corpora, in a zone whose clock changes in it.
const scope = "from=2025-01-01T00:00:00Z&until=2025-07-01T00:00:00Z&zone=Europe/Paris"

// pages are the requests that the pages of the UI make, one of each kind.
func pages(ctx context.Context, api client) ([]pageQuestion, error) {
	var catalogue struct {
		Metrics []struct{ Name string }
	}
	if code, err := api.do(ctx, http.MethodGet, "/api/v1/metrics", "", &catalogue); err != nil || code != http.StatusOK {
		return nil, fmt.Errorf("ask for the catalogue: %d, %w", code, err)
	}
	var first struct {
		Conversations []struct {
			ID     string `json:"conversation_id"`
			Person string
		}
	}
	if code, err := api.do(ctx, http.MethodGet, "/api/v1/conversations?sort=messages&limit=1&"+scope, "", &first); err != nil || code != http.StatusOK || len(first.Conversations) == 0 {
		return nil, fmt.Errorf("ask for a conversation: %d, %w", code, err)
	}
	id, person := url.PathEscape(first.Conversations[0].ID), url.PathEscape(first.Conversations[0].Person)
	var out []pageQuestion
	add := func(page, name, path string) {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		out = append(out, pageQuestion{page, name, "/api/v1/" + path + sep + scope})
	}
	for _, m := range catalogue.Metrics {
		add("Overview", m.Name+" a day, compared", "metrics/"+m.Name+"?period=day&compare=previous")
	}
	for _, by := range []string{"source", "topic", "outcome", "signal", "channel", "language", "tool_name", "topic,outcome"} {
		add("Overview", "conversations by "+by, "metrics/conversations?limit=8&breakdown="+by)
	}
	add("Overview", "conversations by weekday and hour", "metrics/conversations?limit=168&breakdown=weekday,hour_of_day")
	add("Overview", "messages a day by topic", "metrics/messages?period=day&limit=5&breakdown=role")
	add("Conversations", "first page", "conversations?limit=50")
	add("Conversations", "sorted by implied_satisfaction", "conversations?limit=50&sort=implied_satisfaction&desc=false")
	add("Conversations", "with a signal and an outcome", "conversations?limit=50&filter=signal:eq:rephrase&filter=outcome:eq:failed")
	add("Conversations", "with a text", "conversations?limit=50&q=restaurant")
	add("Conversations", "with a tool", "conversations?limit=50&filter=tool_name:exists")
	add("Conversations", "facets", "conversations/facets?limit=6&fields=source,channel,agent_id,mode,locale,outcome,signal,topic,sentiment,language,satisfaction_source,label")
	add("Conversations", "facets of what events have", "conversations/facets?limit=6&fields=tool_name,artifact_type,response_model")
	add("Conversations", "facets with a filter", "conversations/facets?limit=6&fields=source,outcome,signal,topic,language&filter=signal:eq:rephrase")
	add("Conversations", "volume", "metrics/conversations?period=day&filter=topic:eq:topic_01")
	out = append(out, pageQuestion{"Conversation", "transcript", "/api/v1/conversations/" + id},
		pageQuestion{"Conversation", "analysis", "/api/v1/conversations/" + id + "/analysis"},
		pageQuestion{"People", "a person", "/api/v1/people/" + person})
	add("People", "list", "people?limit=50")
	add("Events", "newest", "events?limit=50&desc=true")
	out = append(out, pageQuestion{"Signals", "catalogue", "/api/v1/signals"})
	add("Signals", "rate a day", "metrics/conversations?period=day&breakdown=signal&limit=20")
	add("Topics", "list", "topics")
	add("Topics", "a topic's outcomes a week", "metrics/conversations?period=week&breakdown=outcome&filter=topic:eq:topic_01")
	add("Topics", "satisfaction by topic", "metrics/satisfaction?breakdown=topic&limit=60")
	add("Topics", "opportunities", "opportunities")
	add("Funnels", "three steps", "funnel?step1=source_event:eq:Message%20Sent&step2=source_event:eq:Action%20Invoked&step3=source_event:eq:Task%20Completed")
	add("Funnels", "two steps, per person", "funnel?step1=source_event:eq:Message%20Sent&step2=source_event:eq:Task%20Completed&per=person&window=24h")
	add("Funnels", "messages to conversion", "metrics/messages_to_conversion?period=week")
	add("Paths", "topic, tool, conversion", "paths?nodes=topic,tool,component,conversion&depth=5&limit=12")
	add("Retention", "users a week", "retention?period=week&who=users")
	add("Retention", "by outcome", "retention?period=week&who=people&breakdown=outcome")
	add("Tools", "effects on resolution", "effects?of=tool_name&on=resolved")
	add("Tools", "effects on conversion", "effects?of=tool_name&on=converted")
	add("Changes", "satisfaction", "changes?metric=satisfaction")
	add("Changes", "conversations", "changes?metric=conversations")
	return out, nil
}

// byHand asks some of the questions in SQL as somebody would write it who knows the files, on the same files.
func (m Million) byHand(ctx context.Context, asked []Asked) error {
	files, err := os.ReadDir(filepath.Join(m.store(), "months"))
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", filepath.Join(m.store(), "hot.duckdb")+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer db.Close()
	parts := []string{"SELECT * FROM events"}
	for i, f := range files {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("ATTACH '%s' AS sealed%d (READ_ONLY)", filepath.Join(m.store(), "months", f.Name()), i)); err != nil {
			return err
		}
		parts = append(parts, fmt.Sprintf("SELECT * FROM sealed%d.events", i))
	}
	e := "(" + strings.Join(parts, " UNION ALL ") + ") e JOIN forms f USING (form)"
	const in, chats = "occurred_at >= '2025-01-01' AND occurred_at < '2025-07-01'", "happened_at >= '2025-01-01' AND happened_at < '2025-07-01'"
	local := func(column string) string {
		return "date_trunc('day', " + column + " + CASE WHEN " + column + " < '2025-03-30 01:00' THEN INTERVAL 1 HOUR ELSE INTERVAL 2 HOUR END)"
	}
	byName := map[string]string{
		"conversations a day, compared":             "SELECT " + local("happened_at") + " d, count(*) FROM conversations WHERE " + chats + " GROUP BY d",
		"messages a day, compared":                  "SELECT " + local("occurred_at") + " d, count(*) FROM " + e + " WHERE kind = 'message' AND " + in + " GROUP BY d",
		"active_users a day, compared":              "SELECT " + local("occurred_at") + " d, count(DISTINCT user_id) FROM " + e + " WHERE tracked AND " + in + " GROUP BY d",
		"response_time a day, compared":             "SELECT d, median(ms) FROM (SELECT " + local("occurred_at") + " d, CASE WHEN role = 'agent' AND lag(role) OVER w = 'user' THEN epoch_ms(occurred_at) - lag(epoch_ms(occurred_at)) OVER w END ms FROM " + e + " WHERE kind = 'message' AND " + in + " WINDOW w AS (PARTITION BY conversation_id ORDER BY occurred_at, original_at, request_seq, batch_index, id)) GROUP BY d",
		"conversations by source":                   "SELECT source, count(*) n FROM conversations JOIN places USING (place) WHERE " + chats + " GROUP BY 1 ORDER BY n DESC LIMIT 8",
		"conversations by topic":                    "SELECT topic, count(*) n FROM conversations LEFT JOIN topics USING (conversation_id) WHERE " + chats + " GROUP BY 1 ORDER BY n DESC LIMIT 8",
		"conversations by outcome":                  "SELECT outcome, count(*) n FROM conversations LEFT JOIN analyses USING (conversation_id) WHERE " + chats + " GROUP BY 1 ORDER BY n DESC LIMIT 8",
		"conversations by signal":                   "SELECT signal, count(*) n FROM (SELECT unnest(signal_names) AS signal FROM conversations LEFT JOIN analyses USING (conversation_id) WHERE " + chats + ") GROUP BY 1 ORDER BY n DESC LIMIT 8",
		"conversations by tool_name":                "SELECT tool_name, count(DISTINCT conversation_id) n FROM " + e + " WHERE tracked AND " + in + " GROUP BY 1 ORDER BY n DESC LIMIT 8",
		"first page":                                "SELECT * FROM conversations LEFT JOIN analyses USING (conversation_id) LEFT JOIN topics USING (conversation_id) WHERE " + chats + " ORDER BY happened_at DESC LIMIT 51",
		"with a text":                               "SELECT * FROM conversations WHERE conversation_id IN (SELECT conversation_id FROM " + e + " WHERE contains(lower(body), 'restaurant') AND " + in + ") ORDER BY happened_at DESC LIMIT 51",
		"with a signal and an outcome":              "SELECT * FROM conversations JOIN analyses USING (conversation_id) WHERE list_contains(signal_names, 'rephrase') AND outcome = 'failed' AND " + chats + " ORDER BY happened_at DESC LIMIT 51",
		"list":                                      "SELECT user_id, count(*), count(DISTINCT conversation_id), max(occurred_at) l FROM " + e + " WHERE tracked AND " + in + " GROUP BY 1 ORDER BY l DESC LIMIT 51",
		"sorted by implied_satisfaction":            "SELECT * FROM conversations LEFT JOIN analyses USING (conversation_id) WHERE " + chats + " ORDER BY implied_satisfaction LIMIT 51",
		"rate a day":                                "SELECT d, signal, count(*) FROM (SELECT " + local("happened_at") + " d, unnest(signal_names) AS signal FROM conversations LEFT JOIN analyses USING (conversation_id) WHERE " + chats + ") GROUP BY 1, 2",
		"conversations by weekday and hour":         "SELECT isodow(happened_at), hour(happened_at), count(*) FROM conversations WHERE " + chats + " GROUP BY 1, 2",
		"messages a day by topic":                   "SELECT " + local("occurred_at") + " d, role, count(*) FROM " + e + " WHERE kind = 'message' AND " + in + " GROUP BY d, role",
		"newest":                                    "SELECT * FROM " + e + " WHERE " + in + " ORDER BY occurred_at DESC LIMIT 51",
		"messages_per_conversation a day, compared": "SELECT " + local("happened_at") + " d, median(messages) FROM conversations WHERE " + chats + " GROUP BY d",
	}
	for i := range asked {
		statement, ok := byName[asked[i].Question]
		if !ok || asked[i].Skipped != "" {
			continue
		}
		var times []time.Duration
		for range m.Rounds {
			began := time.Now()
			rows, err := db.QueryContext(ctx, statement)
			if err != nil {
				return fmt.Errorf("%s by hand: %w", asked[i].Question, err)
			}
			for rows.Next() {
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		asked[i].ByHand = times[len(times)/2]
	}
	return nil
}

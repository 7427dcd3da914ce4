// Package clickhouse writes calls into tables of a ClickHouse database over HTTP, laid out by package
// warehouse. Only package app imports it.
package clickhouse

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// Destination is a ClickHouse database.
type Destination struct{}

var _ destination.Destination = Destination{}

// Bounds of the settings.
const (
	mostColumns = 1000
	mostTables  = 5000
)

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1","anonymousId":"a-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME","amount":12.5,"conversationId":"c-1"},"context":{"locale":"en"}}`

// lastPlan asks for the plan that each user has.
const lastPlan = "SELECT user_id, argMax(tuple(plan), timestamp).1 AS last_plan FROM debrief.identifies FINAL " +
	`WHERE plan IS NOT NULL OR position(null_traits, '"plan"') > 0 GROUP BY user_id ORDER BY user_id`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "clickhouse",
		Title:   "ClickHouse",
		Website: "https://clickhouse.com/docs/interfaces/http",
		Doc: "Calls become rows of tables: one for each event name (`stock_purchased`), and `tracks`, `identifies`, `groups`, `pages`, `screens` and `aliases`. " +
			"Properties and the context become columns, in lower case with underscores; objects within them up to three levels deep, arrays are JSON text. Tables and " +
			"columns are made as they are met. A value that does not fit the type of its column goes beside it, as text in `…_text`; what has no column goes into `more`. " +
			"Numbers are `Float64`. Tables are of the engine `ReplacingMergeTree` by time and event id: a call that is sent again replaces itself when parts are merged, and " +
			"at once in queries with `FINAL`. There are no tables of users and accounts: `identifies` and `groups` have all that was said of them, and name in `null_traits` the traits that were " +
			"null, so taken away. The last word is `" + lastPlan + "`. Servers older than 20.1 keep whole seconds.",
		Settings: []destination.Setting{
			{Key: "url", Label: "URL", Type: destination.URL, Required: true, Example: "https://clickhouse.example.com:8443", Doc: "Of the HTTP interface."},
			{Key: "user", Label: "User", Type: destination.Text, Default: "default"},
			{Key: "password", Label: "Password", Type: destination.Text, Secret: true},
			{Key: "database", Label: "Database", Type: destination.Text, Default: "debrief", Doc: "It is made if there is none, where the user may."},
			{Key: "max_columns", Label: "Columns a table", Type: destination.Number, Default: "300", Doc: "Further properties go into `more`. 1000 at most."},
			{Key: "max_tables", Label: "Tables", Type: destination.Number, Default: "300", Doc: "Further event names are only in `tracks`. 5000 at most."},
		},
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "INSERT INTO debrief.stock_purchased (…) FORMAT JSONEachRow\n" +
			`{"id":"m-1","timestamp":"2026-11-21 10:00:00.000000","user_id":"u-1","anonymous_id":"a-1","event":"stock_purchased","event_text":"Stock Purchased",` +
			`"symbol":"ACME","amount":12.5,"conversation_id":"c-1","context_locale":"en",…}`},
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	for key, most := range map[string]int{"max_columns": mostColumns, "max_tables": mostTables} {
		if n := s.Int(key); n < 50 || n > most {
			return nil, &destination.InvalidSettings{Key: key, Reason: "is below 50 or more than is allowed"}
		}
	}
	base, err := url.Parse(s["url"])
	if err != nil || base.User != nil || base.RawQuery != "" {
		return nil, &destination.InvalidSettings{Key: "url", Reason: "is more than a host and a path; user and password are settings of their own"}
	}
	name := s["database"]
	if len(name) > warehouse.MaxName || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return nil, &destination.InvalidSettings{Key: "database", Reason: "has more than 63 characters, or others than letters, digits and underscores"}
	}
	if base.Path == "" {
		base.Path = "/"
	}
	return &sender{
		base: base, user: s["user"], password: s["password"], client: env.Client, now: env.Now,
		database: database{name: name, columns: s.Int("max_columns"), limit: s.Int("max_tables")},
	}, nil
}

// sender is an open database.
type sender struct {
	base           *url.URL
	user, password string
	client         *http.Client
	now            func() time.Time

	mu       sync.Mutex
	database database // as it was seen last
}

// Batch implements [destination.Sender]. ClickHouse wants few and large inserts.
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: 10_000, Bytes: 8 << 20, Wait: 10 * time.Second, Parallel: 1}
}

// Send implements [destination.Sender]. There are no transactions: messages that are sent again replace what
// was written of them.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return destination.Split(messages, func(some []destination.Message) destination.Result {
		return resultOf(s.write(ctx, some))
	}, refused, "invalid_call", "413")
}

// write writes messages; once again, if tables are not as they were known.
func (s *sender) write(ctx context.Context, messages []destination.Message) error {
	known := s.database.tables != nil
	err := s.try(ctx, messages)
	if known && stale(err) {
		err = s.try(ctx, messages)
	}
	return err
}

func (s *sender) try(ctx context.Context, messages []destination.Message) error {
	b := batch{sender: s, ctx: ctx}
	err := b.write(messages)
	if err != nil {
		s.database.tables = nil
	}
	return err
}

// Test implements [destination.Sender]: it makes a table and takes it away.
func (s *sender) Test(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := batch{sender: s, ctx: ctx}
	if err := b.create(); err != nil {
		return err
	}
	table := b.path("debrief_connection_test")
	for _, sql := range []string{"DROP TABLE IF EXISTS " + table, "CREATE TABLE " + table + " (id String) ENGINE = Memory", "DROP TABLE " + table} {
		if _, err := s.query(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// Close implements [destination.Sender].
func (*sender) Close() error { return nil }

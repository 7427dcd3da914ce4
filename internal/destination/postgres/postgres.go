// Package postgres writes calls into the tables of a PostgreSQL database, laid out by package warehouse.
// Only package app imports it.
package postgres

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/warehouse"
)

// Destination is a PostgreSQL database.
type Destination struct{}

var _ destination.Destination = Destination{}

// Bounds of the settings. A row of PostgreSQL has to fit a page of 8 KiB when its long values lie elsewhere,
// each behind a pointer of 18 bytes that is padded to 24: 300 columns do.
const (
	mostColumns = 300
	mostTables  = 5000
)

const exampleCall = `{"type":"track","messageId":"m-1","timestamp":"2026-11-21T10:00:00.000Z","userId":"u-1","anonymousId":"a-1",` +
	`"event":"Stock Purchased","properties":{"symbol":"ACME","amount":12.5,"conversationId":"c-1"},"context":{"locale":"en"}}`

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name:    "postgres",
		Title:   "PostgreSQL",
		Website: "https://www.postgresql.org/docs/current/",
		Doc: "Calls become rows of tables, laid out as Segment's warehouses are: a table for each event name (`stock_purchased`), and `tracks`, " +
			"`identifies`, `users`, `groups`, `accounts`, `pages`, `screens` and `aliases`. Properties and the context become columns, in lower case with underscores; " +
			"objects within them up to three levels deep, arrays are `jsonb`. Tables and columns are made as they are met. A value that does not fit the type of its " +
			"column goes beside it, as text in `…_text`; what has no column goes into `more`. Rows are known by the event id, so a call that is sent again changes nothing. " +
			"`users` and `accounts` have the value of each trait that was said last, by the time of the call, whatever the order of arrival; " +
			"a trait that is null is taken away: its column is null, and `null_traits` of `identifies` and `groups` names it. " +
			"The user needs the right to create tables in the schema, and to create the schema if there is none.",
		Settings: []destination.Setting{
			{Key: "host", Label: "Host", Type: destination.Text, Required: true, Example: "db.example.com"},
			{Key: "port", Label: "Port", Type: destination.Number, Default: "5432"},
			{Key: "database", Label: "Database", Type: destination.Text, Required: true, Example: "analytics"},
			{Key: "user", Label: "User", Type: destination.Text, Required: true, Example: "debrief"},
			{Key: "password", Label: "Password", Type: destination.Text, Secret: true},
			{Key: "schema", Label: "Schema", Type: destination.Text, Default: "debrief", Doc: "Of PostgreSQL: the tables are made in it."},
			{Key: "tls", Label: "TLS", Type: destination.Choice, Choices: []string{tlsVerify, tlsRequire, tlsOff}, Default: tlsVerify,
				Doc: "`verify` checks the server's certificate and name, `require` only encrypts, `off` sends in the clear."},
			{Key: "ca", Label: "Certificate authority", Type: destination.Text, Doc: "In PEM, where the server's certificate is of none that this machine knows."},
			{Key: "max_columns", Label: "Columns a table", Type: destination.Number, Default: "200", Doc: "Further properties go into `more`. 300 at most."},
			{Key: "max_tables", Label: "Tables", Type: destination.Number, Default: "500", Doc: "Further event names are only in `tracks`. 5000 at most."},
		},
		Example: destination.Example{Call: json.RawMessage(exampleCall), Sent: "tracks:          (id, timestamp, user_id, anonymous_id, event, event_text, context_locale, …)\n" +
			"stock_purchased: (id, timestamp, user_id, anonymous_id, event, event_text, symbol, amount, conversation_id, context_locale, …)\n" +
			"                 'm-1', '2026-11-21 10:00:00+00', 'u-1', 'a-1', 'stock_purchased', 'Stock Purchased', 'ACME', 12.5, 'c-1', 'en'"},
	}
}

// Open implements [destination.Destination].
func (Destination) Open(s destination.Settings, env destination.Env) (destination.Sender, error) {
	config, err := connConfig(s, env)
	if err != nil {
		return nil, err
	}
	within := func(key string, most int) error {
		if n := s.Int(key); n < 50 || n > most {
			return &destination.InvalidSettings{Key: key, Reason: "is below 50 or more than is allowed"}
		}
		return nil
	}
	if err := within("max_columns", mostColumns); err != nil {
		return nil, err
	}
	if err := within("max_tables", mostTables); err != nil {
		return nil, err
	}
	if len(s["schema"]) > warehouse.MaxName {
		return nil, &destination.InvalidSettings{Key: "schema", Reason: "has more than 63 bytes"}
	}
	return &sender{config: config, schema: schema{name: s["schema"], columns: s.Int("max_columns"), limit: s.Int("max_tables")}}, nil
}

// sender is an open database with one connection, made when it is needed.
type sender struct {
	config *pgx.ConnConfig

	mu     sync.Mutex
	conn   *pgx.Conn // nil when there is none
	schema schema    // as the connection has seen it
}

// Batch implements [destination.Sender].
func (*sender) Batch() destination.Batch {
	return destination.Batch{Messages: 1000, Bytes: 4 << 20, Wait: 5 * time.Second, Parallel: 1}
}

// Send implements [destination.Sender]. Messages are written in one transaction; if the database takes one of
// them never, in halves until that one is alone.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return destination.Split(messages, func(some []destination.Message) destination.Result {
		return destination.Result{Err: s.write(ctx, some)}
	}, refused, "invalid_call")
}

// write writes all messages or none. After an error nothing is known of the tables any more; if it is that they
// are not as they were known, it writes once again.
func (s *sender) write(ctx context.Context, messages []destination.Message) error {
	known := s.schema.tables != nil
	err := s.try(ctx, messages)
	if known && stale(err) {
		err = s.try(ctx, messages)
	}
	return s.judge(ctx, err)
}

func (s *sender) try(ctx context.Context, messages []destination.Message) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		b := batch{tx, &s.schema}
		return b.write(ctx, messages)
	})
	if err != nil {
		s.schema.forget()
	}
	if conn.IsClosed() {
		cut(conn)
	}
	return err
}

// connect returns the connection, which it makes if there is none.
func (s *sender) connect(ctx context.Context) (*pgx.Conn, error) {
	if s.conn != nil && !s.conn.IsClosed() {
		return s.conn, nil
	}
	s.schema.forget()
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err == nil {
		s.conn = conn
	}
	return conn, err
}

// Test implements [destination.Sender]: it makes a table in the schema and takes it back.
func (s *sender) Test(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return s.judge(ctx, err)
	}
	defer cut(conn)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return s.judge(ctx, err)
	}
	fresh := schema{name: s.schema.name}
	if err = fresh.create(ctx, tx); err == nil {
		_, err = tx.Exec(ctx, "CREATE TABLE "+fresh.path("debrief_connection_test")+" (id text)")
	}
	if err == nil {
		err = tx.Rollback(ctx)
	}
	return s.judge(ctx, err)
}

// Close implements [destination.Sender].
func (s *sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		cut(s.conn)
	}
	return nil
}

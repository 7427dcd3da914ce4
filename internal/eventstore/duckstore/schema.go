package duckstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// formatVersion is the version of the files of this package, kept in table store of the hot file. Open
// upgrades older stores and refuses newer ones. docs/formats/event-store.md describes each version.
const formatVersion = 4

// Columns of table events. Rows of sealed months have the same.
const (
	colID = iota
	colForm
	colPlace
	colOccurredAt
	colOriginalAt
	colSentAt
	colReceivedAt
	colRequestSeq
	colBatchIndex
	colUserID
	colAnonymousID
	colSessionID
	colConversationID
	colMessageID
	colBody
	colBodyChars
	colScore
	colProperties
	colRare
	colRaw
	colTraceID
)

// eventColumns are the columns of table events in order. There is no primary key: it would cost a
// quarter of the throughput and half of the disk again, and ids are checked before rows are appended.
var eventColumns = []string{
	"id VARCHAR", "form INTEGER", "place INTEGER",
	"occurred_at TIMESTAMP", "original_at TIMESTAMP", "sent_at TIMESTAMP", "received_at TIMESTAMP",
	"request_seq BIGINT", "batch_index BIGINT",
	"user_id VARCHAR", "anonymous_id VARCHAR", "session_id VARCHAR", "conversation_id VARCHAR", "message_id VARCHAR",
	// Message texts are most of the bytes: zstd takes two thirds of DuckDB's own choice, writes as fast,
	// and costs a search a third more.
	"body VARCHAR USING COMPRESSION zstd", "body_chars BIGINT", "score DOUBLE", "properties VARCHAR",
	"rare VARCHAR", // JSON object of the fields that have no other home
	"raw BIGINT",   // locator in the month's raw file; see locator
	"trace_id VARCHAR",
}

// conversationColumns are those of the roll-ups. place is where its context (workspace, source, agent,
// mode, channel, locale) is, as for events; happened_at is its time, Conversation.At.
var conversationColumns = []string{
	"conversation_id VARCHAR", "place INTEGER",
	"user_id VARCHAR", "anonymous_id VARCHAR", "session_id VARCHAR", "group_id VARCHAR", "title VARCHAR",
	"happened_at TIMESTAMP", "started BOOLEAN", "first_event_at TIMESTAMP", "last_event_at TIMESTAMP",
	"ended BOOLEAN", "ended_at TIMESTAMP", "end_reason VARCHAR",
	"events BIGINT", "messages BIGINT", "user_messages BIGINT", "agent_messages BIGINT", "human_agent_messages BIGINT",
	"actions BIGINT", "components BIGINT", "media BIGINT", "feedback BIGINT", "rated BIGINT",
	"score DOUBLE", "reported_message_count BIGINT", "first_message_at TIMESTAMP", "last_message_at TIMESTAMP",
	"duration_ms DOUBLE", "first_response_ms DOUBLE", "preview VARCHAR",
	"model_calls BIGINT", "failed_calls BIGINT", "cancelled_calls BIGINT", "failed_tools BIGINT",
	"input_tokens BIGINT", "output_tokens BIGINT", "cost_usd DOUBLE", "model VARCHAR",
}

// analysisColumns are those of event.Analysis by its JSON names. signal_names is what questions ask of the
// signals, each name once; signals is the JSON of them all.
var analysisColumns = []string{
	"conversation_id VARCHAR", "analysis_version BIGINT", "analysed_at TIMESTAMP", "outcome VARCHAR", "outcome_reason VARCHAR",
	"language VARCHAR", "sentiment VARCHAR", "sentiment_score DOUBLE", "emotion VARCHAR",
	"quality DOUBLE", "implied_satisfaction DOUBLE", "predicted_rating DOUBLE", "goal_reached DOUBLE",
	"dissatisfied_turns BIGINT", "injection_attempts BIGINT", "refusals BIGINT", "failed_answers BIGINT", "bad_answers BIGINT",
	"signal_names VARCHAR[]", "signals VARCHAR USING COMPRESSION zstd",
}

// createBeside are the tables of what is known of conversations beside their rows: one row at most for a
// conversation in each, whether it exists or not.
func createBeside() []string {
	return []string{
		"CREATE TABLE analyses (" + strings.Join(analysisColumns, ", ") + ")",
		"CREATE TABLE topics (conversation_id VARCHAR, topic VARCHAR, topic_group VARCHAR)",
		"CREATE TABLE labels (conversation_id VARCHAR, labels VARCHAR[])",
	}
}

// createDecided are the tables of what was decided of ids: one row at most for an id. One without person is
// nobody's.
func createDecided() []string {
	return []string{
		"CREATE TABLE decided_users (user_id VARCHAR, person VARCHAR)",
		"CREATE TABLE decided_anonymous (anonymous_id VARCHAR, person VARCHAR)",
	}
}

func createEvents(table string) string {
	return "CREATE TABLE " + table + " (" + strings.Join(eventColumns, ", ") + ")"
}

func createConversations() string {
	return "CREATE TABLE conversations (" + strings.Join(conversationColumns, ", ") + ")"
}

func (s *Store) createTables(ctx context.Context, tx *sql.Tx) error {
	dictionary := func(name, key string, fields []*field, more string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "CREATE TABLE %s (%s INTEGER%s", name, key, more)
		for _, f := range fields {
			fmt.Fprintf(&b, ", %s %s", f.name, f.sqlType())
		}
		return b.String() + ")"
	}
	for _, ddl := range append(append(createBeside(), createDecided()...),
		createEvents("events"),
		dictionary("forms", "form", s.shape.form, ", tracked BOOLEAN"),
		dictionary("places", "place", s.shape.place, ""),
		createConversations(),
		// Each pair of ids that rows carry, with the time of the first tracked one. Pairs may repeat;
		// the earliest time counts. It answers who a person is and when one was first seen.
		"CREATE TABLE identities (user_id VARCHAR, anonymous_id VARCHAR, first_at TIMESTAMP)",
		// What retracts left: puts of the id up to the revision are duplicates.
		"CREATE TABLE retracted (id VARCHAR, revision BIGINT)",
		// Rows of sealed months that were replaced or retracted since, until the month is folded again.
		"CREATE TABLE dead (month INTEGER, id VARCHAR)",
		// The sealed months: which generation of the file counts, and what is in it.
		"CREATE TABLE months (month INTEGER, generation INTEGER, events BIGINT, first_received_at TIMESTAMP, last_received_at TIMESTAMP, format INTEGER)",
		"CREATE TABLE store (format INTEGER, writer_cursor UBIGINT)",
		fmt.Sprintf("INSERT INTO store VALUES (%d, 0)", formatVersion),
	) {
		if _, err := tx.ExecContext(ctx, ddl); err != nil {
			return fmt.Errorf("run %.40q: %w", ddl, err)
		}
	}
	return nil
}

// prepare creates the tables of a new store, and returns the format of one that was there.
func (s *Store) prepare(ctx context.Context) (format int, err error) {
	tx, err := s.own.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()").Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		if err := s.createTables(ctx, tx); err != nil {
			return 0, err
		}
		return formatVersion, tx.Commit()
	}
	if err := tx.QueryRowContext(ctx, "SELECT format FROM store").Scan(&format); err != nil {
		return 0, fmt.Errorf("read format: %w", err)
	}
	if format > formatVersion {
		return 0, fmt.Errorf("the store in %s has format %d, this version reads up to %d; use the version that wrote it, or a newer one", s.cfg.Dir, format, formatVersion)
	}
	return format, tx.Commit()
}

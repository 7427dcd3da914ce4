-- Places that calls are handed on to, and what waits for each.
CREATE TABLE destinations (
	id TEXT PRIMARY KEY,
	workspace TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,          -- name of the spec
	enabled INTEGER NOT NULL,
	settings TEXT NOT NULL,      -- JSON, those that are no secrets
	secrets BLOB NOT NULL,       -- sealed JSON of the others; empty: none
	rules TEXT NOT NULL,         -- JSON: filter, functions, mapping, how long is tried again
	created_at INTEGER NOT NULL, -- this and all times below in microseconds since 1970
	created_by TEXT NOT NULL,    -- the name shown
	updated_at INTEGER NOT NULL,
	UNIQUE (workspace, name)
) STRICT;

-- How far each has come on each log.
CREATE TABLE destination_cursors (
	destination TEXT NOT NULL REFERENCES destinations ON DELETE CASCADE,
	log TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (destination, log)
) STRICT, WITHOUT ROWID;

-- Calls that the cursor has passed: those that wait for another try, and those given up.
CREATE TABLE destination_calls (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	destination TEXT NOT NULL REFERENCES destinations ON DELETE CASCADE,
	dead INTEGER NOT NULL,       -- given up
	log TEXT NOT NULL,           -- and place: record of the log, call of the record
	position INTEGER NOT NULL,
	place INTEGER NOT NULL,
	event_id TEXT NOT NULL,
	type TEXT NOT NULL,
	event TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	first_at INTEGER,            -- of the first attempt
	next_at INTEGER,             -- not before; of a dead one, when it was given up
	code TEXT NOT NULL,
	reason TEXT NOT NULL,        -- without content
	request BLOB NOT NULL        -- as the event log encodes it, with this call alone
) STRICT;
CREATE INDEX destination_calls_waiting ON destination_calls (destination, dead, id);
CREATE INDEX destination_calls_place ON destination_calls (destination, log, position);

-- What became of calls, by the hour.
CREATE TABLE destination_counts (
	destination TEXT NOT NULL REFERENCES destinations ON DELETE CASCADE,
	hour INTEGER NOT NULL,
	step TEXT NOT NULL,          -- received, filtered, dropped, duplicate, retried, discarded, delivered
	code TEXT NOT NULL,          -- of discarded and retried ones
	n INTEGER NOT NULL,
	PRIMARY KEY (destination, hour, step, code)
) STRICT, WITHOUT ROWID;

-- Periods of the past that are sent once more.
CREATE TABLE destination_backfills (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	destination TEXT NOT NULL REFERENCES destinations ON DELETE CASCADE,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	state TEXT NOT NULL,         -- running, done, cancelled
	total INTEGER NOT NULL,      -- calls of the period, when it began
	done INTEGER NOT NULL,
	cursor TEXT NOT NULL,        -- of the event store
	created_at INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	finished_at INTEGER
) STRICT;

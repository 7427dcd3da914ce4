-- Times are microseconds since 1970, UTC. Secrets that only need to be recognised are stored as SHA-256.

CREATE TABLE workspaces (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	zone       TEXT NOT NULL DEFAULT 'UTC',
	week_start INTEGER NOT NULL DEFAULT 1, -- 0 is Sunday
	hash_key   BLOB NOT NULL, -- of the hashes of message texts
	created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sources (
	id           TEXT PRIMARY KEY,
	workspace    TEXT NOT NULL REFERENCES workspaces (id),
	name         TEXT NOT NULL,
	kind         TEXT NOT NULL,
	enabled      INTEGER NOT NULL DEFAULT 1,
	rating_scale TEXT NOT NULL DEFAULT '',
	settings     TEXT NOT NULL DEFAULT '{}', -- a JSON object of strings
	created_at   INTEGER NOT NULL
) STRICT;

-- Write keys are shown to people who set up a client, so they are stored as they are.
CREATE TABLE write_keys (
	key        TEXT PRIMARY KEY,
	source     TEXT NOT NULL REFERENCES sources (id),
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX write_keys_source ON write_keys (source);

CREATE TABLE members (
	id            TEXT PRIMARY KEY,
	email         TEXT NOT NULL COLLATE NOCASE, -- '' until one is set
	name          TEXT NOT NULL,
	role          TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
	password_hash TEXT NOT NULL DEFAULT '', -- argon2id; '' until one is set
	created_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX members_email ON members (email) WHERE email <> '';

CREATE TABLE sessions (
	hash         BLOB PRIMARY KEY,
	member       TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
	created_at   INTEGER NOT NULL,
	last_seen_at INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_member ON sessions (member);

CREATE TABLE tokens (
	id           TEXT PRIMARY KEY,
	hash         BLOB NOT NULL UNIQUE,
	hint         TEXT NOT NULL, -- the last characters, to tell tokens apart
	name         TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER,
	expires_at   INTEGER -- null: never
) STRICT;

CREATE TABLE login_links (
	hash       BLOB PRIMARY KEY,
	member     TEXT REFERENCES members (id) ON DELETE CASCADE, -- null: the first owner
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversions (
	workspace  TEXT NOT NULL REFERENCES workspaces (id),
	name       TEXT NOT NULL,
	events     TEXT NOT NULL, -- a JSON array of event names; empty: any event of kind conversion
	conditions TEXT NOT NULL, -- a JSON array of conditions on properties
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejections (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	workspace TEXT NOT NULL,
	source    TEXT NOT NULL,
	at        INTEGER NOT NULL,
	event_id  TEXT NOT NULL,
	type      TEXT NOT NULL,
	code      TEXT NOT NULL,
	message   TEXT NOT NULL,
	call      BLOB
) STRICT;
CREATE INDEX rejections_source ON rejections (workspace, source, id);

-- What became of calls, by day of receipt (UTC, days since 1970). code is '' where there is none.
CREATE TABLE counters (
	workspace TEXT NOT NULL,
	source    TEXT NOT NULL,
	day       INTEGER NOT NULL,
	outcome   TEXT NOT NULL,
	code      TEXT NOT NULL,
	n         INTEGER NOT NULL,
	PRIMARY KEY (workspace, source, day, outcome, code)
) STRICT, WITHOUT ROWID;

-- How far the counters and rejections of a workspace have followed its event log.
CREATE TABLE tallied (
	workspace TEXT PRIMARY KEY,
	position  INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	at      INTEGER NOT NULL,
	actor   TEXT NOT NULL,
	action  TEXT NOT NULL, -- "source.create"
	subject TEXT NOT NULL,
	detail  TEXT NOT NULL DEFAULT ''
) STRICT;

-- What people keep of the figures that they looked at: pages, moments, experiments.
CREATE TABLE views (
	id TEXT PRIMARY KEY,
	workspace TEXT NOT NULL,
	name TEXT NOT NULL,
	page TEXT NOT NULL,         -- path of the page
	query TEXT NOT NULL,        -- its query string, without "?"
	pinned INTEGER NOT NULL,
	author TEXT NOT NULL,       -- the name shown
	created_at INTEGER NOT NULL, -- this and the times below in microseconds since 1970
	updated_at INTEGER NOT NULL,
	UNIQUE (workspace, name)
) STRICT;

CREATE TABLE annotations (
	id TEXT PRIMARY KEY,
	workspace TEXT NOT NULL,
	at INTEGER NOT NULL,
	kind TEXT NOT NULL,         -- deploy, prompt, note
	text TEXT NOT NULL,
	source TEXT NOT NULL,       -- '': of all sources
	author TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	UNIQUE (workspace, at, kind, text, source)
) STRICT;

CREATE TABLE experiments (
	workspace TEXT NOT NULL,
	name TEXT NOT NULL,
	definition TEXT NOT NULL,   -- JSON
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

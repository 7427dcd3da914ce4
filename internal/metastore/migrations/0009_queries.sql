-- SQL that people keep, with how its answer is drawn.
CREATE TABLE queries (
	id TEXT PRIMARY KEY,
	workspace TEXT NOT NULL,
	name TEXT NOT NULL,
	statement TEXT NOT NULL,
	chart TEXT NOT NULL,        -- table, line, bar
	author TEXT NOT NULL,       -- the name shown
	created_at INTEGER NOT NULL, -- this and the time below in microseconds since 1970
	updated_at INTEGER NOT NULL,
	UNIQUE (workspace, name)
) STRICT;

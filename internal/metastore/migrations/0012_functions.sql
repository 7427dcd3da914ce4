-- Code that people write to make, change or deliver calls.
CREATE TABLE functions (
	id TEXT PRIMARY KEY,         -- unguessable: that of a source function is in its address
	workspace TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,          -- source, insert, destination
	source TEXT NOT NULL,        -- that a source function's calls come from; else ''
	deployed INTEGER NOT NULL,   -- version that runs; 0: none
	plain TEXT NOT NULL,         -- JSON, values of settings that are no secrets
	secrets BLOB NOT NULL,       -- sealed JSON of the others; empty: none
	created_at INTEGER NOT NULL, -- this and all times below in microseconds since 1970
	created_by TEXT NOT NULL,    -- the name shown
	updated_at INTEGER NOT NULL,
	UNIQUE (workspace, name)
) STRICT;

-- Every save of a function is a version.
CREATE TABLE function_versions (
	function TEXT NOT NULL REFERENCES functions ON DELETE CASCADE,
	version INTEGER NOT NULL,    -- from 1
	code TEXT NOT NULL,
	settings TEXT NOT NULL,      -- JSON, the form of its settings, without values
	note TEXT NOT NULL,
	author TEXT NOT NULL,        -- the name shown
	created_at INTEGER NOT NULL,
	PRIMARY KEY (function, version)
) STRICT, WITHOUT ROWID;

-- How runs went, the newest of each function.
CREATE TABLE function_logs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	function TEXT NOT NULL REFERENCES functions ON DELETE CASCADE,
	version INTEGER NOT NULL,
	at INTEGER NOT NULL,
	calls INTEGER NOT NULL,      -- in: calls, or one request
	passed INTEGER NOT NULL,
	dropped INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	error TEXT NOT NULL,         -- class of the first failure; '' none
	message TEXT NOT NULL,
	stack TEXT NOT NULL,
	event_id TEXT NOT NULL,      -- of the call that failed first
	console TEXT NOT NULL,
	took_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX function_logs_newest ON function_logs (function, id);

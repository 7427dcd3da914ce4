-- What is computed of people: traits and audiences. Their keys are one namespace.
CREATE TABLE computed (
	workspace TEXT NOT NULL,
	key TEXT NOT NULL,
	id TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,         -- trait, sql, audience
	name TEXT NOT NULL,
	doc TEXT NOT NULL,
	body TEXT NOT NULL,         -- JSON: what is computed
	emit TEXT NOT NULL,         -- how changes are told: identify, track, none
	enabled INTEGER NOT NULL,
	version INTEGER NOT NULL,   -- raised when it is to be computed for everybody anew
	created_at INTEGER NOT NULL, -- this and the time below in microseconds since 1970
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;

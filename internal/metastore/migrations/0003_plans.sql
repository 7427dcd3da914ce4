CREATE TABLE plans (
	workspace TEXT NOT NULL REFERENCES workspaces (id),
	name      TEXT NOT NULL,
	newest    INTEGER NOT NULL, -- version
	PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_versions (
	workspace   TEXT NOT NULL,
	name        TEXT NOT NULL,
	version     INTEGER NOT NULL,
	text        TEXT NOT NULL, -- the file as it was written
	description TEXT NOT NULL,
	events      INTEGER NOT NULL, -- how many it plans
	note        TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	created_by  TEXT NOT NULL,
	PRIMARY KEY (workspace, name, version),
	FOREIGN KEY (workspace, name) REFERENCES plans (workspace, name) ON DELETE CASCADE
) STRICT;

-- Which plan a source follows; it may be a built-in one, which is no row of plans.
CREATE TABLE source_plans (
	source      TEXT PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
	plan        TEXT NOT NULL,
	version     INTEGER NOT NULL, -- 0: the newest
	enforcement TEXT NOT NULL -- JSON
) STRICT;

-- In which ways calls deviated from their plans.
CREATE TABLE violations (
	id          INTEGER PRIMARY KEY,
	workspace   TEXT NOT NULL,
	source      TEXT NOT NULL,
	plan        TEXT NOT NULL,
	version     INTEGER NOT NULL,
	kind        TEXT NOT NULL,
	event       TEXT NOT NULL,
	field       TEXT NOT NULL,
	description TEXT NOT NULL,
	first_at    INTEGER NOT NULL,
	last_at     INTEGER NOT NULL,
	examples    TEXT NOT NULL, -- a JSON array of event ids
	UNIQUE (workspace, source, plan, version, kind, event, field, description)
) STRICT;
CREATE INDEX violations_last ON violations (workspace, last_at);

CREATE TABLE violation_days (
	violation INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
	day       INTEGER NOT NULL, -- since 1970, UTC, of receipt
	n         INTEGER NOT NULL,
	PRIMARY KEY (violation, day)
) STRICT, WITHOUT ROWID;

-- Calls that plans have held back. status: held, queued (for replay), replaying (in the log again, at
-- position), replayed, discarded.
CREATE TABLE quarantine (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	workspace    TEXT NOT NULL,
	source       TEXT NOT NULL,
	event_id     TEXT NOT NULL,
	received_at  INTEGER NOT NULL,
	type         TEXT NOT NULL,
	event        TEXT NOT NULL,
	action       TEXT NOT NULL,
	plan         TEXT NOT NULL,
	version      INTEGER NOT NULL,
	code         TEXT NOT NULL, -- kind of the first violation
	violations   TEXT NOT NULL, -- a JSON array
	request      BLOB NOT NULL, -- as the event log encodes it, with this call alone
	copies       INTEGER NOT NULL DEFAULT 1,
	seq          INTEGER NOT NULL, -- place of the newest copy: record of the log, call of the request
	place        INTEGER NOT NULL,
	status       TEXT NOT NULL,
	held_at      INTEGER NOT NULL,
	job          INTEGER, -- the newest replay
	position     INTEGER,
	replayed_at  INTEGER,
	discarded_at INTEGER,
	UNIQUE (workspace, source, event_id)
) STRICT;
CREATE INDEX quarantine_status ON quarantine (workspace, status, id);
CREATE INDEX quarantine_event ON quarantine (workspace, event_id);
CREATE INDEX quarantine_job ON quarantine (job, status);

CREATE TABLE replay_jobs (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	workspace   TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	created_by  TEXT NOT NULL,
	total       INTEGER NOT NULL,
	replayed    INTEGER NOT NULL DEFAULT 0, -- known once it is finished
	finished_at INTEGER
) STRICT;

-- Calls that came more than once, the newest.
CREATE TABLE duplicates (
	workspace TEXT NOT NULL,
	event_id  TEXT NOT NULL,
	source    TEXT NOT NULL,
	copies    INTEGER NOT NULL, -- beside the first
	first_at  INTEGER NOT NULL,
	last_at   INTEGER NOT NULL,
	PRIMARY KEY (workspace, event_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_last ON duplicates (workspace, last_at);

CREATE INDEX rejections_event ON rejections (workspace, event_id);

-- Marks of sessions, whose events without conversation are to be linked; see package derive.
ALTER TABLE trace_marks RENAME TO old_trace_marks;

CREATE TABLE trace_marks (
	workspace TEXT NOT NULL,
	trace TEXT NOT NULL,        -- this, conversation and session: all but one are empty
	conversation TEXT NOT NULL,
	session TEXT NOT NULL,
	position INTEGER NOT NULL,
	due INTEGER NOT NULL,       -- this and the times below in microseconds since 1970
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	root INTEGER NOT NULL,
	PRIMARY KEY (workspace, trace, conversation, session)
) STRICT, WITHOUT ROWID;

INSERT INTO trace_marks SELECT workspace, trace, conversation, '', position, due, first_at, last_at, root FROM old_trace_marks;
DROP TABLE old_trace_marks;

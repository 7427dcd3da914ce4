-- Traces that are to be derived, and the conversations that have had some; see package derive.
CREATE TABLE trace_marks (
	workspace TEXT NOT NULL,
	trace TEXT NOT NULL,        -- empty for a mark of a conversation
	conversation TEXT NOT NULL, -- empty for a mark of a trace
	position INTEGER NOT NULL,
	due INTEGER NOT NULL,       -- this and the times below in microseconds since 1970
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	root INTEGER NOT NULL,
	PRIMARY KEY (workspace, trace, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE traced_conversations (
	id INTEGER PRIMARY KEY,
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	UNIQUE (workspace, conversation)
) STRICT;

-- What people add while they read conversations: notes, labels, links to share them.
CREATE TABLE notes (
	id TEXT PRIMARY KEY,
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	event TEXT NOT NULL,        -- '': of the conversation as a whole
	author TEXT NOT NULL,       -- the name shown
	text TEXT NOT NULL,
	at INTEGER NOT NULL         -- this and the times below in microseconds since 1970
) STRICT;
CREATE INDEX notes_of_conversation ON notes (workspace, conversation, at);

CREATE TABLE labels (
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	label TEXT NOT NULL,
	PRIMARY KEY (workspace, conversation, label)
) STRICT, WITHOUT ROWID;

-- Conversations whose labels the event store does not have yet. change grows with each change, so that one
-- made meanwhile is not forgotten.
CREATE TABLE label_marks (
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	change INTEGER NOT NULL,
	PRIMARY KEY (workspace, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE shares (
	id TEXT PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,  -- of the secret in the link
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	author TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX shares_of_conversation ON shares (workspace, conversation);

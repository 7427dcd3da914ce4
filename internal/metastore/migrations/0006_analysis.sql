-- Conversations that are to be analysed, and what of the analysis people changed; see package analysis.
CREATE TABLE analysis_marks (
	workspace TEXT NOT NULL,
	conversation TEXT NOT NULL,
	class INTEGER NOT NULL,     -- 0: something came; 1: a neighbour changed; 2: time decides
	position INTEGER NOT NULL,  -- how far the log must be stored
	first_at INTEGER NOT NULL,  -- this and the times below in microseconds since 1970
	due INTEGER NOT NULL,
	PRIMARY KEY (workspace, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX analysis_marks_due ON analysis_marks (workspace, due);
CREATE INDEX analysis_marks_waiting ON analysis_marks (workspace) WHERE class < 2;

CREATE TABLE analysis_state (
	workspace TEXT PRIMARY KEY,
	generation INTEGER NOT NULL, -- grows with each change that makes history be analysed again
	target INTEGER NOT NULL,     -- version that history is or was last analysed for
	cursor TEXT NOT NULL,        -- how far it is
	finished INTEGER NOT NULL,   -- 1: all of it
	learned TEXT NOT NULL        -- what was learned from ratings, JSON; '': nothing
) STRICT;

CREATE TABLE signal_settings (
	workspace TEXT NOT NULL,
	signal TEXT NOT NULL,
	setting TEXT NOT NULL,       -- JSON
	PRIMARY KEY (workspace, signal)
) STRICT, WITHOUT ROWID;

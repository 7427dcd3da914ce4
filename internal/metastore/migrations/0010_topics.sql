-- What people decided of topics. The topics themselves are in the model file of the workspace.
CREATE TABLE topics (
	workspace TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,         -- '': the name found
	pinned INTEGER NOT NULL,
	excluded INTEGER NOT NULL,
	merged_into TEXT NOT NULL,  -- '': into none
	updated_at INTEGER NOT NULL, -- microseconds since 1970
	PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

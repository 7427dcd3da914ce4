-- What is computed of people: traits, and memberships of audiences. Who has no value has no row.
CREATE TABLE computed (
    key     TEXT NOT NULL,
    person  TEXT NOT NULL,
    value   TEXT NOT NULL,    -- JSON; of audiences true
    since   INTEGER NOT NULL, -- when the person came to have a value
    updated INTEGER NOT NULL, -- when it became this one
    PRIMARY KEY (key, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX computed_person ON computed (person);

-- How many rows of computed a key has, kept with every change.
CREATE TABLE computed_sizes (
    key    TEXT PRIMARY KEY,
    people INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far what is computed is, in its owner's words.
CREATE TABLE computations (
    id    TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Persons, and conversations whose persons, are to be computed anew.
CREATE TABLE stale (
    id           TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    stamp        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, id)
) STRICT, WITHOUT ROWID;

-- Calls that tell of changes, until they are in the log of emitted calls.
CREATE TABLE outbox (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    id   TEXT NOT NULL, -- of the call
    type TEXT NOT NULL,
    call TEXT NOT NULL
) STRICT;

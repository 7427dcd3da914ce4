-- Times are microseconds of Unix time.

-- Everything that was seen or named. first_at is null for what only an alias call named.
CREATE TABLE identifiers (
    id           INTEGER PRIMARY KEY,
    type         TEXT NOT NULL,
    value        TEXT NOT NULL,
    first_at     INTEGER,
    first_event  TEXT NOT NULL DEFAULT '',
    first_source TEXT NOT NULL DEFAULT '',
    -- As last resolved: why it links nothing, the key of its person, and what the event store was told of it.
    state        TEXT NOT NULL DEFAULT '',
    person       TEXT NOT NULL DEFAULT '',
    told         TEXT NOT NULL DEFAULT '',
    UNIQUE (type, value)
) STRICT;
CREATE INDEX identifiers_person ON identifiers (person) WHERE person <> '';
CREATE INDEX identifiers_state ON identifiers (state) WHERE state <> '';

-- What calls named together; a < b. Of a pair the earliest claim is kept, and those that decisions exclude.
CREATE TABLE claims (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    a      INTEGER NOT NULL REFERENCES identifiers (id),
    b      INTEGER NOT NULL REFERENCES identifiers (id),
    at     INTEGER NOT NULL,
    event  TEXT NOT NULL,
    source TEXT NOT NULL,
    alias  INTEGER NOT NULL,
    UNIQUE (a, b, event)
) STRICT;
CREATE INDEX claims_b ON claims (b);
CREATE INDEX claims_event ON claims (event);

-- Never changed, never removed.
CREATE TABLE decisions (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;

-- What is to be looked at once the log is stored up to a position; dirty: to be resolved anew.
CREATE TABLE marks (
    identifier INTEGER PRIMARY KEY REFERENCES identifiers (id),
    position   INTEGER NOT NULL,
    dirty      INTEGER NOT NULL,
    stamp      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE traits (
    identifier INTEGER NOT NULL REFERENCES identifiers (id),
    name       TEXT NOT NULL,
    value      TEXT NOT NULL, -- JSON; null: taken away
    at         INTEGER NOT NULL,
    event      TEXT NOT NULL,
    source     TEXT NOT NULL,
    PRIMARY KEY (identifier, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    first_at     INTEGER NOT NULL,
    first_event  TEXT NOT NULL,
    first_source TEXT NOT NULL
) STRICT;

CREATE TABLE account_members (
    account    TEXT NOT NULL REFERENCES accounts (id),
    identifier INTEGER NOT NULL REFERENCES identifiers (id),
    first_at   INTEGER NOT NULL,
    PRIMARY KEY (account, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_members_identifier ON account_members (identifier);

CREATE TABLE account_traits (
    account TEXT NOT NULL REFERENCES accounts (id),
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    event   TEXT NOT NULL,
    source  TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

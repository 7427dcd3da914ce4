-- Finds identifiers by clients that write all of them in lower case.
CREATE INDEX identifiers_folded ON identifiers (type, lower(value)) WHERE value <> lower(value);

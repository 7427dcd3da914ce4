-- What identifiers are called, for finding people by words of their names: kept by triggers with every change of a trait,
-- by whoever it is made. It holds no texts, and says nothing of whose names they are: who is found is looked at again.
-- Accents and marks are parts of letters; upper and lower case are one.
CREATE VIRTUAL TABLE names USING fts5 (text, content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'");

-- The words of an identifier's names, first and last name beside each other; without what redaction put in the place of one.
CREATE VIEW name_words (identifier, text) AS
    SELECT identifier, group_concat(value ->> '$', ' ' ORDER BY name) FROM traits
    WHERE name IN ('name', 'first_name', 'firstName', 'last_name', 'lastName') AND value LIKE '"%' AND value NOT LIKE '"[%]"' GROUP BY identifier;

CREATE TRIGGER name_said AFTER INSERT ON traits WHEN new.name IN ('name', 'first_name', 'firstName', 'last_name', 'lastName') BEGIN
    DELETE FROM names WHERE rowid = new.identifier;
    INSERT INTO names (rowid, text) SELECT identifier, text FROM name_words WHERE identifier = new.identifier;
END;

CREATE TRIGGER name_changed AFTER UPDATE OF value ON traits
WHEN new.name IN ('name', 'first_name', 'firstName', 'last_name', 'lastName') AND new.value <> old.value BEGIN
    DELETE FROM names WHERE rowid = new.identifier;
    INSERT INTO names (rowid, text) SELECT identifier, text FROM name_words WHERE identifier = new.identifier;
END;

CREATE TRIGGER name_removed AFTER DELETE ON traits WHEN old.name IN ('name', 'first_name', 'firstName', 'last_name', 'lastName') BEGIN
    DELETE FROM names WHERE rowid = old.identifier;
    INSERT INTO names (rowid, text) SELECT identifier, text FROM name_words WHERE identifier = old.identifier;
END;

INSERT INTO names (rowid, text) SELECT identifier, text FROM name_words;

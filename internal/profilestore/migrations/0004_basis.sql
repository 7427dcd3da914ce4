-- What a claim rests on, the firmest first: 0 a call, 1 rows that are derived and may be taken back, 2 alias calls.
ALTER TABLE claims RENAME COLUMN alias TO basis;
UPDATE claims SET basis = 2 WHERE basis = 1;

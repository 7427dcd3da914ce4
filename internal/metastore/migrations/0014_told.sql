-- Whom changes of something computed are told: ids of destinations, as JSON; none: all.
ALTER TABLE computed ADD COLUMN destinations TEXT NOT NULL DEFAULT '[]';
-- Whether a backfill sends what is computed of people, in the place of a period.
ALTER TABLE destination_backfills ADD COLUMN computed INTEGER NOT NULL DEFAULT 0;

-- When a call last said that somebody is a member. Nothing says that a membership ended: the latest counts first.
ALTER TABLE account_members ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;
UPDATE account_members SET last_at = first_at;

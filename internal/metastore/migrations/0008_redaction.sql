-- What redaction does to the calls of a source; see package redact.
ALTER TABLE sources ADD COLUMN redaction TEXT NOT NULL DEFAULT 'structured'; -- off, structured, all
ALTER TABLE sources ADD COLUMN content TEXT NOT NULL DEFAULT 'full';         -- full, redacted, metadata

-- Evidence that units upload for an obligation: first staged (seq is NULL), then handed in with the event of a sequence. The
-- contents lie elsewhere. What was handed in stays. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS evidence (
    id          TEXT    NOT NULL PRIMARY KEY,
    obligation  TEXT    NOT NULL REFERENCES obligations (id),
    name        TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    sha256      TEXT    NOT NULL,
    upload_key  TEXT    NOT NULL,
    uploaded_by TEXT    NOT NULL,
    uploaded_at TEXT    NOT NULL,
    claimed_at  TEXT,
    seq         INTEGER,
    UNIQUE (obligation, upload_key)
) STRICT;

CREATE INDEX IF NOT EXISTS evidence_staged ON evidence (uploaded_at) WHERE seq IS NULL;

-- +goose StatementBegin
CREATE TRIGGER IF NOT EXISTS evidence_no_update BEFORE UPDATE ON evidence WHEN OLD.seq IS NOT NULL
BEGIN SELECT RAISE(ABORT, '已报送的材料只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER IF NOT EXISTS evidence_no_delete BEFORE DELETE ON evidence WHEN OLD.seq IS NOT NULL
BEGIN SELECT RAISE(ABORT, '已报送的材料只增不改'); END;
-- +goose StatementEnd
-- REPLACE deletes without asking the trigger for deletes.
-- +goose StatementBegin
CREATE TRIGGER IF NOT EXISTS evidence_no_replace BEFORE INSERT ON evidence
WHEN EXISTS (SELECT 1 FROM evidence WHERE id = NEW.id AND seq IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '已报送的材料只增不改'); END;
-- +goose StatementEnd

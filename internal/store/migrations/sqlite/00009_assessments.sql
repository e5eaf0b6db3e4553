-- The half-yearly assessments: their rules, their state (without the lines that the points come from), and their record, which is
-- a chain of hashes like the ledger. A message is about an obligation or about an assessment; SQLite has to make the table
-- anew for that.

-- +goose Up
CREATE TABLE assessment_rules (
    plan         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    content_hash TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    seeded_at    TEXT    NOT NULL,
    PRIMARY KEY (plan, version)
) STRICT;

CREATE TABLE assessments (
    id         TEXT    NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    half       TEXT    NOT NULL,
    stage      TEXT    NOT NULL,
    waiting_on TEXT    NOT NULL,
    next_at    TEXT,
    updated_at TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    head_hash  BLOB    NOT NULL,
    state      TEXT    NOT NULL,
    UNIQUE (plan, half)
) STRICT;

CREATE TABLE assessment_ledger (
    id         INTEGER NOT NULL PRIMARY KEY,
    assessment TEXT    NOT NULL REFERENCES assessments (id),
    seq        INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    at         TEXT    NOT NULL,
    command    TEXT,
    notices    INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    UNIQUE (assessment, seq),
    UNIQUE (assessment, command)
) STRICT;

CREATE TABLE messages_now (
    id         INTEGER NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    obligation TEXT    REFERENCES obligations (id),
    assessment TEXT    REFERENCES assessments (id),
    seq        INTEGER,
    post_key   TEXT    UNIQUE,
    recipient  TEXT    NOT NULL,
    urgent     INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    digest     TEXT    REFERENCES digests (id),
    created_at TEXT    NOT NULL,
    notice     TEXT    NOT NULL,
    CHECK ((obligation IS NULL) <> (assessment IS NULL)),
    UNIQUE (obligation, seq, recipient),
    UNIQUE (assessment, seq, recipient)
) STRICT;

INSERT INTO messages_now (id, plan, obligation, seq, post_key, recipient, urgent, status, digest, created_at, notice)
    SELECT id, plan, obligation, seq, post_key, recipient, urgent, status, digest, created_at, notice FROM messages;
DROP TABLE messages;
ALTER TABLE messages_now RENAME TO messages;

CREATE INDEX messages_pending ON messages (plan, recipient, id) WHERE status = 'pending';
CREATE INDEX messages_by_digest ON messages (digest, id) WHERE digest IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER assessment_ledger_no_update BEFORE UPDATE ON assessment_ledger
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER assessment_ledger_no_delete BEFORE DELETE ON assessment_ledger
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- INSERT OR REPLACE removes the old row without firing a DELETE trigger.
-- +goose StatementBegin
CREATE TRIGGER assessment_ledger_no_replace BEFORE INSERT ON assessment_ledger
WHEN EXISTS (SELECT 1 FROM assessment_ledger WHERE assessment = NEW.assessment AND (seq = NEW.seq OR command = NEW.command))
  OR EXISTS (SELECT 1 FROM assessment_ledger WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd

-- Instants are UTC texts of fixed width (2006-01-02 15:04:05.000000), so that they compare as texts; dates are
-- 2006-01-02. A column without an instant or date is NULL.

-- +goose Up
CREATE TABLE installation (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    clock      TEXT    NOT NULL,
    created_at TEXT    NOT NULL
) STRICT;

CREATE TABLE definitions (
    plan         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    as_of        TEXT,
    content_hash TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    seeded_at    TEXT    NOT NULL,
    PRIMARY KEY (plan, version)
) STRICT;

CREATE TABLE units (
    plan       TEXT NOT NULL,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    tags       TEXT NOT NULL,
    aliases    TEXT NOT NULL,
    valid_from TEXT,
    valid_to   TEXT,
    PRIMARY KEY (plan, code)
) STRICT;

CREATE TABLE contacts (
    plan     TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    position INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    email    TEXT    NOT NULL,
    PRIMARY KEY (plan, unit, position),
    FOREIGN KEY (plan, unit) REFERENCES units (plan, code)
) STRICT;

CREATE TABLE outcomes (
    obligation TEXT NOT NULL PRIMARY KEY,
    plan       TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- A policy is identical for thousands of obligations: it is kept once, by the SHA-256 of its content.
CREATE TABLE policies (
    hash    TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE obligations (
    id           TEXT    NOT NULL PRIMARY KEY,
    plan         TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    measure      TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    period       TEXT    NOT NULL,
    stage        TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    due          TEXT    NOT NULL,
    original_due TEXT    NOT NULL,
    deadline     TEXT    NOT NULL,
    yellow_at    TEXT    NOT NULL,
    overdue_at   TEXT    NOT NULL,
    was_overdue  INTEGER NOT NULL,
    waiting_on   TEXT    NOT NULL,
    next_at      TEXT,
    next_kind    TEXT    NOT NULL,
    rung         TEXT    NOT NULL,
    opened_at    TEXT,
    closed_at    TEXT,
    updated_at   TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    head_hash    BLOB    NOT NULL,
    policy       TEXT    NOT NULL REFERENCES policies (hash),
    state        TEXT    NOT NULL
) STRICT;

-- The first one also holds what a light is derived from, so that filters by light and the counts read no rows.
CREATE INDEX obligations_by_due ON obligations (plan, due, id, task, unit, stage, outcome, was_overdue, yellow_at, overdue_at);
CREATE INDEX obligations_by_unit ON obligations (plan, unit, due, id);
CREATE INDEX obligations_by_task ON obligations (plan, task, due, id);

CREATE TABLE ledger (
    id         INTEGER NOT NULL PRIMARY KEY,
    obligation TEXT    NOT NULL REFERENCES obligations (id),
    seq        INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    at         TEXT    NOT NULL,
    command    TEXT,
    notices    INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    UNIQUE (obligation, seq)
) STRICT;

-- seq is NULL for messages that follow from no event; post_key is theirs alone.
CREATE TABLE messages (
    id         INTEGER NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    obligation TEXT    NOT NULL REFERENCES obligations (id),
    seq        INTEGER,
    post_key   TEXT    UNIQUE,
    recipient  TEXT    NOT NULL,
    urgent     INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    digest     TEXT    REFERENCES digests (id),
    created_at TEXT    NOT NULL,
    notice     TEXT    NOT NULL,
    UNIQUE (obligation, seq, recipient)
) STRICT;

CREATE INDEX messages_pending ON messages (plan, recipient, id) WHERE status = 'pending';
CREATE INDEX messages_by_digest ON messages (digest, id) WHERE digest IS NOT NULL;

CREATE TABLE digests (
    id         TEXT    NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    recipient  TEXT    NOT NULL,
    day        TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    created_at TEXT    NOT NULL,
    read_at    TEXT,
    UNIQUE (plan, recipient, day, number)
) STRICT;

CREATE INDEX digests_by_recipient ON digests (plan, recipient, created_at, id);

CREATE TABLE deliveries (
    digest   TEXT    NOT NULL REFERENCES digests (id),
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    plan     TEXT    NOT NULL,
    status   TEXT    NOT NULL,
    attempts INTEGER NOT NULL,
    error    TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    PRIMARY KEY (digest, channel, address)
) STRICT;

CREATE INDEX deliveries_by_status ON deliveries (plan, status, digest);

CREATE TABLE documents (
    id         TEXT    NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    obligation TEXT    NOT NULL REFERENCES obligations (id),
    rung       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    sign_off   TEXT    NOT NULL,
    unit       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    drafted_at TEXT    NOT NULL,
    number     TEXT    UNIQUE,
    signed_by  TEXT    NOT NULL DEFAULT '',
    settled_at TEXT,
    reason     TEXT    NOT NULL DEFAULT '',
    meeting_at TEXT,
    place      TEXT    NOT NULL DEFAULT '',
    held_at    TEXT,
    outcome    TEXT    NOT NULL DEFAULT '',
    UNIQUE (obligation, rung)
) STRICT;

CREATE INDEX documents_by_plan ON documents (plan, drafted_at, id);
CREATE INDEX documents_by_unit ON documents (plan, unit, rung, status);

CREATE TABLE document_series (
    series TEXT    NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (series, year)
) STRICT;

-- A number once given stays: a voided one is marked, never removed or given again.
CREATE TABLE document_numbers (
    series    TEXT    NOT NULL,
    year      INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    document  TEXT    NOT NULL UNIQUE REFERENCES documents (id),
    given_at  TEXT    NOT NULL,
    voided_at TEXT,
    voided_by TEXT    NOT NULL DEFAULT '',
    reason    TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (series, year, number)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- INSERT OR REPLACE removes the old row without firing a DELETE trigger.
-- +goose StatementBegin
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE obligation = NEW.obligation AND seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policies_no_update BEFORE UPDATE ON policies
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policies_no_delete BEFORE DELETE ON policies
BEGIN SELECT RAISE(ABORT, '台账只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_numbers_no_delete BEFORE DELETE ON document_numbers
BEGIN SELECT RAISE(ABORT, '文号只增不删'); END;
-- +goose StatementEnd

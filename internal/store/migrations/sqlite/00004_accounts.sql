-- Accounts, their tokens and sessions, and the administrators' log, which only grows. Tokens, one-time links and sessions
-- are kept as hashes alone.

-- +goose Up
CREATE TABLE accounts (
    login        TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    password     TEXT    NOT NULL,
    disabled     INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    invitation   TEXT    UNIQUE,
    invited_to   TEXT,
    failures     INTEGER NOT NULL,
    failed_at    TEXT,
    locked_until TEXT,
    created_at   TEXT    NOT NULL,
    seen_at      TEXT
) STRICT;

CREATE TABLE tokens (
    id         TEXT NOT NULL PRIMARY KEY,
    login      TEXT NOT NULL REFERENCES accounts (login),
    label      TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at    TEXT,
    revoked_at TEXT
) STRICT;

CREATE INDEX tokens_by_login ON tokens (login, created_at);

CREATE TABLE sessions (
    token      TEXT NOT NULL PRIMARY KEY,
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE admin_log (
    seq     INTEGER NOT NULL PRIMARY KEY,
    content TEXT    NOT NULL,
    hash    TEXT    NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER admin_log_no_update BEFORE UPDATE ON admin_log
BEGIN SELECT RAISE(ABORT, '管理日志只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER admin_log_no_delete BEFORE DELETE ON admin_log
BEGIN SELECT RAISE(ABORT, '管理日志只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER admin_log_no_replace BEFORE INSERT ON admin_log
WHEN EXISTS (SELECT 1 FROM admin_log WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, '管理日志只增不改'); END;
-- +goose StatementEnd

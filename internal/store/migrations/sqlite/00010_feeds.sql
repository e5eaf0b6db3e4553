-- The secrets of calendar feeds, as hashes alone.

-- +goose Up
CREATE TABLE feeds (
    id         TEXT NOT NULL PRIMARY KEY,
    login      TEXT NOT NULL REFERENCES accounts (login),
    hash       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE INDEX feeds_by_login ON feeds (login, created_at);

-- The secrets of calendar feeds, as hashes alone. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS feeds (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    login      VARCHAR(64) NOT NULL,
    hash       CHAR(64)    NOT NULL UNIQUE,
    created_at DATETIME(6) NOT NULL,
    revoked_at DATETIME(6),
    KEY feeds_by_login (login, created_at),
    FOREIGN KEY (login) REFERENCES accounts (login)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

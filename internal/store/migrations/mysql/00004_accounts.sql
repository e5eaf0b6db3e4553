-- Accounts, their tokens and sessions, and the administrators' log, which only grows. Tokens, one-time links and sessions
-- are kept as hashes alone. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS accounts (
    login        VARCHAR(64)  NOT NULL PRIMARY KEY,
    name         VARCHAR(64)  NOT NULL,
    role         VARCHAR(16)  NOT NULL,
    unit         VARCHAR(64)  NOT NULL,
    password     VARCHAR(255) NOT NULL,
    disabled     INT          NOT NULL,
    epoch        INT          NOT NULL,
    invitation   CHAR(64)     UNIQUE,
    invited_to   DATETIME(6),
    failures     INT          NOT NULL,
    failed_at    DATETIME(6),
    locked_until DATETIME(6),
    created_at   DATETIME(6)  NOT NULL,
    seen_at      DATETIME(6)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS tokens (
    id         VARCHAR(64)  NOT NULL PRIMARY KEY,
    login      VARCHAR(64)  NOT NULL,
    label      VARCHAR(200) NOT NULL,
    hash       CHAR(64)     NOT NULL UNIQUE,
    scopes     VARCHAR(200) NOT NULL,
    created_at DATETIME(6)  NOT NULL,
    expires_at DATETIME(6)  NOT NULL,
    used_at    DATETIME(6),
    revoked_at DATETIME(6),
    KEY tokens_by_login (login, created_at),
    FOREIGN KEY (login) REFERENCES accounts (login)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sessions (
    token      VARCHAR(128) NOT NULL PRIMARY KEY,
    data       BLOB         NOT NULL,
    expires_at DATETIME(6)  NOT NULL,
    KEY sessions_by_expiry (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS admin_log (
    seq     BIGINT   NOT NULL PRIMARY KEY,
    content TEXT     NOT NULL,
    hash    CHAR(64) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

DROP TRIGGER IF EXISTS admin_log_no_update;
CREATE TRIGGER admin_log_no_update BEFORE UPDATE ON admin_log FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '管理日志只增不改';

DROP TRIGGER IF EXISTS admin_log_no_delete;
CREATE TRIGGER admin_log_no_delete BEFORE DELETE ON admin_log FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '管理日志只增不改';

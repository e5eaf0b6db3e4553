-- Instants are UTC. Every statement may be repeated: MySQL commits each on its own, so a migration that was cut off
-- is run again from its beginning.

-- +goose Up
CREATE TABLE IF NOT EXISTS installation (
    id         BIGINT      NOT NULL PRIMARY KEY CHECK (id = 1),
    clock      MEDIUMTEXT  NOT NULL,
    created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS definitions (
    plan         VARCHAR(64) NOT NULL,
    version      INT         NOT NULL,
    as_of        DATE,
    content_hash VARCHAR(64) NOT NULL,
    content      MEDIUMTEXT  NOT NULL,
    seeded_at    DATETIME(6) NOT NULL,
    PRIMARY KEY (plan, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS units (
    plan       VARCHAR(64)  NOT NULL,
    code       VARCHAR(64)  NOT NULL,
    name       VARCHAR(255) NOT NULL,
    kind       VARCHAR(32)  NOT NULL,
    tags       MEDIUMTEXT   NOT NULL,
    aliases    MEDIUMTEXT   NOT NULL,
    valid_from DATE,
    valid_to   DATE,
    PRIMARY KEY (plan, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS contacts (
    plan     VARCHAR(64)  NOT NULL,
    unit     VARCHAR(64)  NOT NULL,
    position INT          NOT NULL,
    name     VARCHAR(255) NOT NULL,
    email    VARCHAR(254) NOT NULL,
    PRIMARY KEY (plan, unit, position),
    FOREIGN KEY (plan, unit) REFERENCES units (plan, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS outcomes (
    obligation VARCHAR(255) NOT NULL PRIMARY KEY,
    plan       VARCHAR(64)  NOT NULL,
    outcome    VARCHAR(32)  NOT NULL,
    updated_at DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A policy is identical for thousands of obligations: it is kept once, by the SHA-256 of its content.
CREATE TABLE IF NOT EXISTS policies (
    hash    VARCHAR(64) NOT NULL PRIMARY KEY,
    content MEDIUMTEXT  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- obligations_by_due also holds what a light is derived from, so that filters by light and the counts read no rows.
CREATE TABLE IF NOT EXISTS obligations (
    id           VARCHAR(255) NOT NULL PRIMARY KEY,
    plan         VARCHAR(64)  NOT NULL,
    task         VARCHAR(64)  NOT NULL,
    measure      VARCHAR(64)  NOT NULL,
    unit         VARCHAR(64)  NOT NULL,
    period       VARCHAR(64)  NOT NULL,
    stage        VARCHAR(32)  NOT NULL,
    outcome      VARCHAR(32)  NOT NULL,
    due          DATE         NOT NULL,
    original_due DATE         NOT NULL,
    deadline     DATE         NOT NULL,
    yellow_at    DATETIME(6)  NOT NULL,
    overdue_at   DATETIME(6)  NOT NULL,
    was_overdue  INT          NOT NULL,
    waiting_on   VARCHAR(64)  NOT NULL,
    next_at      DATETIME(6),
    next_kind    VARCHAR(255) NOT NULL,
    rung         VARCHAR(32)  NOT NULL,
    opened_at    DATETIME(6),
    closed_at    DATETIME(6),
    updated_at   DATETIME(6)  NOT NULL,
    seq          BIGINT       NOT NULL,
    head_hash    BINARY(32)   NOT NULL,
    policy       VARCHAR(64)  NOT NULL,
    state        MEDIUMTEXT   NOT NULL,
    KEY obligations_by_due (plan, due, id, task, unit, stage, outcome, was_overdue, yellow_at, overdue_at),
    KEY obligations_by_unit (plan, unit, due, id),
    KEY obligations_by_task (plan, task, due, id),
    FOREIGN KEY (policy) REFERENCES policies (hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ledger (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    obligation VARCHAR(255) NOT NULL,
    seq        BIGINT       NOT NULL,
    kind       VARCHAR(32)  NOT NULL,
    at         DATETIME(6)  NOT NULL,
    command    VARCHAR(255),
    notices    INT          NOT NULL,
    event      MEDIUMTEXT   NOT NULL,
    hash       BINARY(32)   NOT NULL,
    UNIQUE (obligation, seq),
    FOREIGN KEY (obligation) REFERENCES obligations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS digests (
    id         VARCHAR(191) NOT NULL PRIMARY KEY,
    plan       VARCHAR(64)  NOT NULL,
    recipient  VARCHAR(64)  NOT NULL,
    day        DATE         NOT NULL,
    number     INT          NOT NULL,
    created_at DATETIME(6)  NOT NULL,
    read_at    DATETIME(6),
    UNIQUE (plan, recipient, day, number),
    KEY digests_by_recipient (plan, recipient, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- seq is NULL for messages that follow from no event; post_key is theirs alone.
CREATE TABLE IF NOT EXISTS messages (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    plan       VARCHAR(64)  NOT NULL,
    obligation VARCHAR(255) NOT NULL,
    seq        BIGINT,
    post_key   VARCHAR(300) UNIQUE,
    recipient  VARCHAR(64)  NOT NULL,
    urgent     INT          NOT NULL,
    status     VARCHAR(16)  NOT NULL,
    digest     VARCHAR(191),
    created_at DATETIME(6)  NOT NULL,
    notice     MEDIUMTEXT   NOT NULL,
    UNIQUE (obligation, seq, recipient),
    KEY messages_pending (plan, status, recipient, id),
    KEY messages_by_digest (digest, id),
    FOREIGN KEY (obligation) REFERENCES obligations (id),
    FOREIGN KEY (digest) REFERENCES digests (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS deliveries (
    digest   VARCHAR(191) NOT NULL,
    channel  VARCHAR(32)  NOT NULL,
    address  VARCHAR(254) NOT NULL,
    plan     VARCHAR(64)  NOT NULL,
    status   VARCHAR(16)  NOT NULL,
    attempts INT          NOT NULL,
    error    MEDIUMTEXT   NOT NULL,
    at       DATETIME(6)  NOT NULL,
    PRIMARY KEY (digest, channel, address),
    KEY deliveries_by_status (plan, status, digest),
    FOREIGN KEY (digest) REFERENCES digests (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS documents (
    id         VARCHAR(300) NOT NULL PRIMARY KEY,
    plan       VARCHAR(64)  NOT NULL,
    obligation VARCHAR(255) NOT NULL,
    rung       VARCHAR(32)  NOT NULL,
    status     VARCHAR(16)  NOT NULL,
    sign_off   VARCHAR(32)  NOT NULL,
    unit       VARCHAR(64)  NOT NULL,
    title      VARCHAR(500) NOT NULL,
    body       MEDIUMTEXT   NOT NULL,
    drafted_at DATETIME(6)  NOT NULL,
    number     VARCHAR(100) UNIQUE,
    signed_by  VARCHAR(255) NOT NULL DEFAULT '',
    settled_at DATETIME(6),
    reason     MEDIUMTEXT   NOT NULL,
    meeting_at DATETIME(6),
    place      VARCHAR(500) NOT NULL DEFAULT '',
    held_at    DATETIME(6),
    outcome    TEXT         NOT NULL,
    UNIQUE (obligation, rung),
    KEY documents_by_plan (plan, drafted_at, id),
    KEY documents_by_unit (plan, unit, rung, status),
    FOREIGN KEY (obligation) REFERENCES obligations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS document_series (
    series VARCHAR(64) NOT NULL,
    year   INT         NOT NULL,
    last   INT         NOT NULL,
    PRIMARY KEY (series, year)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A number once given stays: a voided one is marked, never removed or given again.
CREATE TABLE IF NOT EXISTS document_numbers (
    series    VARCHAR(64)  NOT NULL,
    year      INT          NOT NULL,
    number    INT          NOT NULL,
    document  VARCHAR(300) NOT NULL UNIQUE,
    given_at  DATETIME(6)  NOT NULL,
    voided_at DATETIME(6),
    voided_by VARCHAR(255) NOT NULL DEFAULT '',
    reason    MEDIUMTEXT   NOT NULL,
    PRIMARY KEY (series, year, number),
    FOREIGN KEY (document) REFERENCES documents (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

DROP TRIGGER IF EXISTS ledger_no_update;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

DROP TRIGGER IF EXISTS ledger_no_delete;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

DROP TRIGGER IF EXISTS policies_no_update;
CREATE TRIGGER policies_no_update BEFORE UPDATE ON policies FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

DROP TRIGGER IF EXISTS policies_no_delete;
CREATE TRIGGER policies_no_delete BEFORE DELETE ON policies FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

DROP TRIGGER IF EXISTS document_numbers_no_delete;
CREATE TRIGGER document_numbers_no_delete BEFORE DELETE ON document_numbers FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '文号只增不删';

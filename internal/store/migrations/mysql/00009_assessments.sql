-- The half-yearly assessments: their rules, their state (without the lines that the points come from), and their record, which is
-- a chain of hashes like the ledger. A message is about an obligation or about an assessment. Every statement may be
-- repeated: MySQL has no ADD COLUMN IF NOT EXISTS.

-- +goose Up
CREATE TABLE IF NOT EXISTS assessment_rules (
    plan         VARCHAR(64) NOT NULL,
    version      INT         NOT NULL,
    content_hash VARCHAR(64) NOT NULL,
    content      MEDIUMTEXT  NOT NULL,
    seeded_at    DATETIME(6) NOT NULL,
    PRIMARY KEY (plan, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS assessments (
    id         VARCHAR(80) NOT NULL PRIMARY KEY,
    plan       VARCHAR(64) NOT NULL,
    half       VARCHAR(8)  NOT NULL,
    stage      VARCHAR(32) NOT NULL,
    waiting_on VARCHAR(64) NOT NULL,
    next_at    DATETIME(6),
    updated_at DATETIME(6) NOT NULL,
    seq        BIGINT      NOT NULL,
    head_hash  BINARY(32)  NOT NULL,
    state      MEDIUMTEXT  NOT NULL,
    UNIQUE (plan, half)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS assessment_ledger (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    assessment VARCHAR(80)  NOT NULL,
    seq        BIGINT       NOT NULL,
    kind       VARCHAR(32)  NOT NULL,
    at         DATETIME(6)  NOT NULL,
    command    VARCHAR(255),
    notices    INT          NOT NULL,
    event      LONGTEXT     NOT NULL,
    hash       BINARY(32)   NOT NULL,
    UNIQUE (assessment, seq),
    UNIQUE (assessment, command),
    FOREIGN KEY (assessment) REFERENCES assessments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

SET @add = (SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE messages MODIFY obligation VARCHAR(255) NULL, ADD COLUMN assessment VARCHAR(80), ADD UNIQUE KEY messages_of_assessment (assessment, seq, recipient), ADD CONSTRAINT messages_assessment FOREIGN KEY (assessment) REFERENCES assessments (id)')
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'messages' AND column_name = 'assessment');

PREPARE add_columns FROM @add;

EXECUTE add_columns;

DEALLOCATE PREPARE add_columns;

DROP TRIGGER IF EXISTS assessment_ledger_no_update;
CREATE TRIGGER assessment_ledger_no_update BEFORE UPDATE ON assessment_ledger FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

DROP TRIGGER IF EXISTS assessment_ledger_no_delete;
CREATE TRIGGER assessment_ledger_no_delete BEFORE DELETE ON assessment_ledger FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '台账只增不改';

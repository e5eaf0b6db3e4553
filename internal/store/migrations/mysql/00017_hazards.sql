-- The register of hazards (隐患台账), as it follows from the ledger, and its gapless numbers. command is the idempotency key of the
-- entry. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS hazards (
    obligation VARCHAR(255) NOT NULL PRIMARY KEY,
    plan       VARCHAR(64)  NOT NULL,
    year       INT          NOT NULL,
    number     INT          NOT NULL,
    command    VARCHAR(255),
    unit       VARCHAR(64)  NOT NULL,
    grade      VARCHAR(16)  NOT NULL,
    source     VARCHAR(32)  NOT NULL,
    industry   VARCHAR(32)  NOT NULL,
    region     VARCHAR(64)  NOT NULL,
    enterprise VARCHAR(200) NOT NULL,
    found      DATE         NOT NULL,
    reviewer   VARCHAR(64)  NOT NULL,
    supervised INT          NOT NULL,
    UNIQUE (plan, year, number),
    UNIQUE (plan, command),
    KEY hazards_by_found (plan, found),
    FOREIGN KEY (obligation) REFERENCES obligations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS hazard_series (
    plan VARCHAR(64) NOT NULL,
    year INT         NOT NULL,
    last INT         NOT NULL,
    PRIMARY KEY (plan, year)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The register of hazards (隐患台账), as it follows from the ledger, and its gapless numbers. command is the idempotency key of the
-- entry.

-- +goose Up
CREATE TABLE hazards (
    obligation TEXT    NOT NULL PRIMARY KEY REFERENCES obligations (id),
    plan       TEXT    NOT NULL,
    year       INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    command    TEXT,
    unit       TEXT    NOT NULL,
    grade      TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    industry   TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    enterprise TEXT    NOT NULL,
    found      TEXT    NOT NULL,
    reviewer   TEXT    NOT NULL,
    supervised INTEGER NOT NULL,
    UNIQUE (plan, year, number),
    UNIQUE (plan, command)
) STRICT;

CREATE INDEX hazards_by_found ON hazards (plan, found);

CREATE TABLE hazard_series (
    plan TEXT    NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (plan, year)
) STRICT;

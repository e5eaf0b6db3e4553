-- What people had recorded, until its workflow has answered them: what is left over a process that was killed has to be made up for.
-- ledger is the ID of an obligation or of an assessment, command the idempotency key. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS unheard (
    ledger  VARCHAR(255) NOT NULL,
    command VARCHAR(255) NOT NULL,
    since   DATETIME(6)  NOT NULL,
    PRIMARY KEY (ledger, command)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

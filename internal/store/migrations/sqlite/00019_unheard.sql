-- What people had recorded, until its workflow has answered them: what is left over a process that was killed has to be made up for.
-- ledger is the ID of an obligation or of an assessment, command the idempotency key.

-- +goose Up
CREATE TABLE unheard (
    ledger  TEXT NOT NULL,
    command TEXT NOT NULL,
    since   TEXT NOT NULL,
    PRIMARY KEY (ledger, command)
) STRICT, WITHOUT ROWID;

-- The lists that the office brought, with their files as they came.

-- +goose Up
CREATE TABLE imports (
    plan    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    year    INTEGER NOT NULL,
    content TEXT    NOT NULL,
    digest  TEXT    NOT NULL,
    file    BLOB    NOT NULL,
    at      TEXT    NOT NULL,
    PRIMARY KEY (plan, id)
) STRICT;

CREATE INDEX imports_by_time ON imports (plan, at);

-- +goose StatementBegin
CREATE TRIGGER imports_file_no_update BEFORE UPDATE OF file, digest ON imports
BEGIN SELECT RAISE(ABORT, '导入的文件只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER imports_no_delete BEFORE DELETE ON imports
BEGIN SELECT RAISE(ABORT, '导入的文件只增不改'); END;
-- +goose StatementEnd

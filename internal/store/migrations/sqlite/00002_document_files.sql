-- The files of documents that went out, as they were first made.

-- +goose Up
CREATE TABLE document_files (
    obligation TEXT NOT NULL REFERENCES obligations (id),
    name       TEXT NOT NULL,
    title      TEXT NOT NULL,
    digest     TEXT NOT NULL,
    made_at    TEXT NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (obligation, name)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER document_files_no_update BEFORE UPDATE ON document_files
BEGIN SELECT RAISE(ABORT, '文书文件只增不改'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_files_no_delete BEFORE DELETE ON document_files
BEGIN SELECT RAISE(ABORT, '文书文件只增不改'); END;
-- +goose StatementEnd
-- REPLACE deletes without asking the trigger for deletes.
-- +goose StatementBegin
CREATE TRIGGER document_files_no_replace BEFORE INSERT ON document_files
WHEN EXISTS (SELECT 1 FROM document_files WHERE obligation = NEW.obligation AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, '文书文件只增不改'); END;
-- +goose StatementEnd

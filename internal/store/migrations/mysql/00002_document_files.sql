-- The files of documents that went out, as they were first made. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS document_files (
    obligation VARCHAR(255) NOT NULL,
    name       VARCHAR(128) NOT NULL,
    title      VARCHAR(1000) NOT NULL,
    digest     CHAR(64)     NOT NULL,
    made_at    DATETIME(6)  NOT NULL,
    content    MEDIUMBLOB   NOT NULL,
    PRIMARY KEY (obligation, name),
    FOREIGN KEY (obligation) REFERENCES obligations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

DROP TRIGGER IF EXISTS document_files_no_update;
CREATE TRIGGER document_files_no_update BEFORE UPDATE ON document_files FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '文书文件只增不改';

DROP TRIGGER IF EXISTS document_files_no_delete;
CREATE TRIGGER document_files_no_delete BEFORE DELETE ON document_files FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '文书文件只增不改';

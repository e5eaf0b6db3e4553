-- The lists that the office brought, with their files as they came. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS imports (
    plan    VARCHAR(64)  NOT NULL,
    id      VARCHAR(64)  NOT NULL,
    year    INT          NOT NULL,
    content MEDIUMTEXT   NOT NULL,
    digest  CHAR(64)     NOT NULL,
    file    LONGBLOB     NOT NULL,
    at      DATETIME(6)  NOT NULL,
    PRIMARY KEY (plan, id),
    KEY imports_by_time (plan, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

DROP TRIGGER IF EXISTS imports_file_no_update;
CREATE TRIGGER imports_file_no_update BEFORE UPDATE ON imports FOR EACH ROW
    IF NEW.file <> OLD.file OR NEW.digest <> OLD.digest THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '导入的文件只增不改'; END IF;

DROP TRIGGER IF EXISTS imports_no_delete;
CREATE TRIGGER imports_no_delete BEFORE DELETE ON imports FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '导入的文件只增不改';

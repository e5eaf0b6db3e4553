-- Evidence that units upload for an obligation: first staged (seq is NULL), then handed in with the event of a sequence. The
-- contents lie elsewhere. What was handed in stays. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS evidence (
    id          VARCHAR(64)   NOT NULL PRIMARY KEY,
    obligation  VARCHAR(255)  NOT NULL,
    name        VARCHAR(255)  NOT NULL,
    type        VARCHAR(128)  NOT NULL,
    size        BIGINT        NOT NULL,
    sha256      CHAR(64)      NOT NULL,
    upload_key  VARCHAR(100)  NOT NULL,
    uploaded_by VARCHAR(1000) NOT NULL,
    uploaded_at DATETIME(6)   NOT NULL,
    claimed_at  DATETIME(6),
    seq         INT,
    UNIQUE KEY evidence_upload (obligation, upload_key),
    KEY evidence_staged (seq, uploaded_at),
    FOREIGN KEY (obligation) REFERENCES obligations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

DROP TRIGGER IF EXISTS evidence_no_update;
-- +goose StatementBegin
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence FOR EACH ROW
BEGIN IF OLD.seq IS NOT NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '已报送的材料只增不改'; END IF; END;
-- +goose StatementEnd

DROP TRIGGER IF EXISTS evidence_no_delete;
-- +goose StatementBegin
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence FOR EACH ROW
BEGIN IF OLD.seq IS NOT NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '已报送的材料只增不改'; END IF; END;
-- +goose StatementEnd

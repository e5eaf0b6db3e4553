-- What becomes of an interview follows from the ledger's events about it: meeting holds all of it, as JSON. The columns
-- meeting_at, place, held_at and outcome stay for the interviews that the ledger does not speak of. waiting_on is who
-- holds a document, '' where nothing is left to do, waits_until the deadline that he has, if any. Every statement may be
-- repeated: MySQL has no ADD COLUMN IF NOT EXISTS.

-- +goose Up
SET @add = (SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE documents ADD COLUMN meeting MEDIUMTEXT, ADD COLUMN waiting_on VARCHAR(64) NOT NULL DEFAULT '''', ADD COLUMN waits_until DATE, ADD KEY documents_by_holder (waiting_on, drafted_at, id)')
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'documents' AND column_name = 'waiting_on');

PREPARE add_columns FROM @add;

EXECUTE add_columns;

DEALLOCATE PREPARE add_columns;

UPDATE documents SET waiting_on = CASE
    WHEN status = 'draft' AND sign_off = 'leader' THEN 'leader'
    WHEN status = 'draft' THEN 'office'
    WHEN status = 'issued' AND rung = 'interview' AND held_at IS NULL THEN 'office'
    ELSE '' END;

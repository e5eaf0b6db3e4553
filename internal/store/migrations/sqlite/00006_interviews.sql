-- What becomes of an interview follows from the ledger's events about it: meeting holds all of it, as JSON. The columns
-- meeting_at, place, held_at and outcome stay for the interviews that the ledger does not speak of. waiting_on is who
-- holds a document, '' where nothing is left to do, waits_until the deadline that he has, if any.

-- +goose Up
ALTER TABLE documents ADD COLUMN meeting TEXT;
ALTER TABLE documents ADD COLUMN waiting_on TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN waits_until TEXT;

UPDATE documents SET waiting_on = CASE
    WHEN status = 'draft' AND sign_off = 'leader' THEN 'leader'
    WHEN status = 'draft' THEN 'office'
    WHEN status = 'issued' AND rung = 'interview' AND held_at IS NULL THEN 'office'
    ELSE '' END;

CREATE INDEX documents_by_holder ON documents (waiting_on, drafted_at, id);

-- What lists are searched and counted by. waits_for is what whoever holds an obligation or a document has to do, '' where nothing is
-- left to do, and waits_since when he got it. Where waits_for is NULL they are filled in when the store is opened. The two indexes by
-- standing hold all that a tally is made of, in its order. Every statement
-- may be repeated: MySQL has no ADD COLUMN IF NOT EXISTS.

-- +goose Up
SET @add = (SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE obligations ADD COLUMN waits_for VARCHAR(32), ADD COLUMN waits_since DATETIME(6), ADD COLUMN search_text VARCHAR(1000) NOT NULL DEFAULT '''', ADD KEY obligations_by_wait (waits_for, plan, unit, waits_since), ADD KEY obligations_by_holder (plan, waiting_on, waits_since, id), ADD KEY obligations_by_step (plan, next_at), ADD KEY obligations_standing_by_task (plan, task, due, stage, outcome, was_overdue, yellow_at, overdue_at), ADD KEY obligations_standing_by_unit (plan, unit, due, stage, outcome, was_overdue, yellow_at, overdue_at, task)')
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'obligations' AND column_name = 'waits_for');

PREPARE add_columns FROM @add;

EXECUTE add_columns;

DEALLOCATE PREPARE add_columns;

SET @add = (SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE documents ADD COLUMN waits_for VARCHAR(32), ADD COLUMN waits_since DATETIME(6), ADD KEY documents_by_wait (waits_for, plan, unit, waits_since)')
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'documents' AND column_name = 'waits_for');

PREPARE add_columns FROM @add;

EXECUTE add_columns;

DEALLOCATE PREPARE add_columns;

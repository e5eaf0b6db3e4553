-- What lists are searched and counted by. waits_for is what whoever holds an obligation or a document has to do, '' where nothing is
-- left to do, and waits_since when he got it. Where waits_for is NULL they are filled in when the store is opened. The two indexes by
-- standing hold all that a tally is made of, in its order.

-- +goose Up
ALTER TABLE obligations ADD COLUMN waits_for TEXT;
ALTER TABLE obligations ADD COLUMN waits_since TEXT;
ALTER TABLE obligations ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN waits_for TEXT;
ALTER TABLE documents ADD COLUMN waits_since TEXT;

CREATE INDEX obligations_by_wait ON obligations (waits_for, plan, unit, waits_since);
CREATE INDEX obligations_by_holder ON obligations (plan, waiting_on, waits_since, id);
CREATE INDEX obligations_by_text ON obligations (plan, search_text, id);
CREATE INDEX obligations_by_step ON obligations (plan, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX obligations_standing_by_task ON obligations (plan, task, due, stage, outcome, was_overdue, yellow_at, overdue_at);
CREATE INDEX obligations_standing_by_unit ON obligations (plan, unit, due, stage, outcome, was_overdue, yellow_at, overdue_at, task);
CREATE INDEX documents_by_wait ON documents (waits_for, plan, unit, waits_since);

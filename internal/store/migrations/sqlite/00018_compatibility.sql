-- The migrations after which builds that do not know them may go on working, as a rollback needs: since is the oldest such
-- build's latest migration. A migration that has no row here shuts out every build that does not know it.

-- +goose Up
CREATE TABLE schema_compatibility (
    version INTEGER NOT NULL PRIMARY KEY,
    since   INTEGER NOT NULL
) STRICT;

-- The migrations after which builds that do not know them may go on working, as a rollback needs: since is the oldest such
-- build's latest migration. A migration that has no row here shuts out every build that does not know it. Every statement
-- may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS schema_compatibility (
    version BIGINT NOT NULL PRIMARY KEY,
    since   BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

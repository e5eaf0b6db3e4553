-- When each process, and the dispatcher of each plan, was last at work. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS heartbeats (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    at   DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- When each process, and the dispatcher of each plan, was last at work.

-- +goose Up
CREATE TABLE heartbeats (
    name TEXT NOT NULL PRIMARY KEY,
    at   TEXT NOT NULL
) STRICT;

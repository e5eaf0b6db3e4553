-- Where a contact is reached, in the order of its choice. contacts.email is kept for what people read; what is sent goes
-- by this table.

-- +goose Up
CREATE TABLE contact_addresses (
    plan     TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    position INTEGER NOT NULL,
    choice   INTEGER NOT NULL,
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    PRIMARY KEY (plan, unit, position, choice),
    FOREIGN KEY (plan, unit) REFERENCES units (plan, code)
) STRICT;

INSERT INTO contact_addresses (plan, unit, position, choice, channel, address)
SELECT plan, unit, position, 0, 'smtp', email FROM contacts WHERE email <> '';

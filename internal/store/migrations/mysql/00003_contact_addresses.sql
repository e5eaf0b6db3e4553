-- Where a contact is reached, in the order of its choice. contacts.email is kept for what people read; what is sent goes
-- by this table. Every statement may be repeated.

-- +goose Up
CREATE TABLE IF NOT EXISTS contact_addresses (
    plan     VARCHAR(64)  NOT NULL,
    unit     VARCHAR(64)  NOT NULL,
    position INT          NOT NULL,
    choice   INT          NOT NULL,
    channel  VARCHAR(32)  NOT NULL,
    address  VARCHAR(254) NOT NULL,
    PRIMARY KEY (plan, unit, position, choice),
    FOREIGN KEY (plan, unit) REFERENCES units (plan, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO contact_addresses (plan, unit, position, choice, channel, address)
SELECT plan, unit, position, 0, 'smtp', email FROM contacts WHERE email <> ''
ON DUPLICATE KEY UPDATE choice = contact_addresses.choice;

-- A kiosk that can keep its hall while the line is cut: the letters of its own series, the key of its journal, where the
-- hall reaches it. At most one of a site is its keeper; `term` is the one it was appointed in, `since` when that was.
-- How much of its journal was taken is a counter.
CREATE TABLE keepers (
    site_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    series TEXT NOT NULL,
    public_key TEXT NOT NULL,
    address TEXT,
    term BIGINT NOT NULL,
    is_keeper BOOLEAN NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (site_id, device_id)
);

-- Entries of a keeper's journal as they were taken: `verdict` is merged, settled (by `rule`) or refused (why, in `rule`).
-- `body` is kept only where a person may want to look. Times are UTC milliseconds.
CREATE TABLE keeper_entries (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    rule TEXT,
    text TEXT NOT NULL,
    body TEXT NOT NULL,
    settled_at BIGINT,
    settled_by TEXT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX keeper_entries_by_number ON keeper_entries (site_id, device_id, number);
CREATE INDEX keeper_entries_open ON keeper_entries (site_id, received_at) WHERE verdict <> 'merged' AND settled_at IS NULL;

-- What a member of staff types at the keeper while the line is cut: six digits, as an argon2id hash.
CREATE TABLE hall_pins (
    site_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, staff_id)
);

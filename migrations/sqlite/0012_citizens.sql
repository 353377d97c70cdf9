-- Somebody known by a phone that received a code. The phone itself lies sealed in `persons`; `phone_index` is the
-- keyed hash it is found by.
CREATE TABLE citizens (
    id TEXT NOT NULL,
    phone_index BLOB NOT NULL,
    site_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX citizens_by_phone ON citizens (phone_index);

-- The newest sign-in code of a phone. The code is made from `id` with the key and stored nowhere; `tries` counts those
-- that were taken, `sent` the codes since `counted_from`. Times are UTC milliseconds.
CREATE TABLE citizen_codes (
    phone_index BLOB NOT NULL,
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    used_at BIGINT,
    counted_from BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    PRIMARY KEY (phone_index)
);
CREATE UNIQUE INDEX citizen_codes_by_id ON citizen_codes (id);

-- A citizen's browser, by the hash of its token.
CREATE TABLE citizen_sessions (
    token_hash BLOB NOT NULL,
    citizen_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (token_hash)
);

-- Cases that were begun online, so that they are found by whose they are and by how far they came. `id` is the case's,
-- `content_id` what was typed, sealed in `submissions`.
CREATE TABLE applications (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    citizen_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    step TEXT NOT NULL,
    content_id TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX applications_by_citizen ON applications (citizen_id, id);
CREATE INDEX applications_by_step ON applications (site_id, step, id);
CREATE INDEX applications_left ON applications (changed_at, id) WHERE step = 'filling';

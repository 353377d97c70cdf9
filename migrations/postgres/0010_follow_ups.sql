-- What is known of a rating when it is given: milliseconds from the end of the service, and a keyed hash of the
-- device or address, good for one day and kept to be compared only.
ALTER TABLE evaluations ADD COLUMN after_ms BIGINT;
ALTER TABLE evaluations ADD COLUMN source_key TEXT;

-- What follows a negative rating: the loop of verification, rectification, reply and call, under the rating's id.
-- `watch_at` says when time alone will next have something to tell (UTC milliseconds); null when never.
CREATE TABLE follow_ups (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    staff_id TEXT,
    person_id TEXT,
    opened_at BIGINT NOT NULL,
    watch_at BIGINT,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX follow_ups_opened ON follow_ups (site_id, opened_at);
CREATE INDEX follow_ups_by_tracking ON follow_ups (tracking_code);
CREATE INDEX follow_ups_watched ON follow_ups (watch_at, site_id, id) WHERE watch_at IS NOT NULL;

-- A complaint. Its words and the person lie sealed; the query code is made from the id and stored nowhere.
CREATE TABLE complaints (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    person_id TEXT,
    filed_at BIGINT NOT NULL,
    watch_at BIGINT,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX complaints_by_number ON complaints (number);
CREATE INDEX complaints_filed ON complaints (site_id, filed_at);
CREATE INDEX complaints_watched ON complaints (watch_at, site_id, id) WHERE watch_at IS NOT NULL;

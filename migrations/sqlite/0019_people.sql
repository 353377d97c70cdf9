-- The people of a site: who sat at which window, who is away, who is planned where, what was trained.

-- One stretch of a person at a window, open or paused; the ordinal is the hall's version after the event that ended it.
CREATE TABLE window_sittings (
    site_id TEXT NOT NULL,
    window_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    state TEXT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    PRIMARY KEY (site_id, window_id, ordinal)
);
CREATE INDEX window_sittings_end ON window_sittings (site_id, end_ms);

-- A leave from day to day, with who covers.
CREATE TABLE staff_leaves (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    cover_id TEXT,
    kind TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    cancelled_at BIGINT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX staff_leaves_days ON staff_leaves (site_id, to_date);

-- Who is planned at which window on a day.
CREATE TABLE rosters (
    site_id TEXT NOT NULL,
    date TEXT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, date)
);

-- A training that was held, with who took part.
CREATE TABLE trainings (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    date TEXT NOT NULL,
    title TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX trainings_days ON trainings (site_id, date);

-- The practice hall in which a browser practises; NULL for the real one.
ALTER TABLE sessions ADD COLUMN practice_id TEXT;

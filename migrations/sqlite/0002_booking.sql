-- Appointments. Slots are computed from the site's settings and are no rows; a booking is one.
-- Instants are UTC milliseconds. The keys are opaque (HMAC of phone and ID number under keys of their own,
-- for this site): they count and find, and tell nothing.
CREATE TABLE appointments (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    short_code TEXT NOT NULL,
    line_id TEXT NOT NULL,
    date TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    person_id TEXT NOT NULL,
    holder_key TEXT NOT NULL,
    id_key TEXT,
    ticket_id TEXT,
    created_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX appointments_code ON appointments (code);
CREATE INDEX appointments_of_day ON appointments (site_id, date, line_id);
CREATE INDEX appointments_of_holder ON appointments (site_id, holder_key);
CREATE INDEX appointments_of_id ON appointments (site_id, id_key);
CREATE INDEX appointments_short ON appointments (site_id, short_code);
CREATE INDEX appointments_open ON appointments (starts_at, site_id, id) WHERE state = 'booked';

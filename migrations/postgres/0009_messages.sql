-- Messages are about cases and appointments: `about_id` names either, its first letters say which.
ALTER TABLE notifications RENAME COLUMN case_id TO about_id;

-- Codes of appointments are no longer stored, only keyed hashes by which they are found.
ALTER TABLE appointments RENAME COLUMN code TO code_key;
ALTER TABLE appointments RENAME COLUMN short_code TO short_key;

-- When time alone will next do something to an appointment (UTC milliseconds), so that the timer reads only
-- those. Nothing is known of the ones that are there: they are looked at once.
ALTER TABLE appointments ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX appointments_open;
CREATE INDEX appointments_due ON appointments (due_at, site_id, id) WHERE state = 'booked';
CREATE INDEX appointments_open ON appointments (site_id, id) WHERE state = 'booked';

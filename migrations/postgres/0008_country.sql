-- When time alone will next change a hall (UTC milliseconds), so that the timer reads only those halls.
-- Nothing is known of the halls that are there: they are asked once.
ALTER TABLE halls ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX halls_due ON halls (due_at);

-- Which cases were taken on paper first and entered afterwards, so that a supervisor finds them.
ALTER TABLE cases ADD COLUMN entered_late BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX cases_entered_late ON cases (site_id, id) WHERE entered_late;

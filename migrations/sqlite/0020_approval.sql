-- The departments whose approval step a case stands at, other than its own, each between commas.
ALTER TABLE cases ADD COLUMN step_departments TEXT NOT NULL DEFAULT '';

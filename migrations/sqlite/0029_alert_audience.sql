-- Whom an alert is meant for: roles, each between commas; empty for everybody who may read alerts.
ALTER TABLE alerts ADD COLUMN audience TEXT NOT NULL DEFAULT '';

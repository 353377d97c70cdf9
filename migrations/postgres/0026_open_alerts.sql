-- Alerts that end by themselves are looked through often, and few are open.
CREATE INDEX alerts_open ON alerts (kind) WHERE settled_at IS NULL;

-- 帮办代办: somebody's affair in the hands of a helper. Persons and texts lie sealed elsewhere.
CREATE TABLE assistances (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    helper_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    case_id TEXT,
    state TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX assistances_open ON assistances (site_id, state, changed_at);
CREATE INDEX assistances_case ON assistances (site_id, case_id) WHERE case_id IS NOT NULL;

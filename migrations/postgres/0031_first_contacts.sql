-- 首问: somebody asked, and no ticket followed. Persons and texts lie sealed elsewhere.
CREATE TABLE first_contacts (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    responsible_id TEXT NOT NULL,
    person_id TEXT,
    at BIGINT NOT NULL,
    ended_at BIGINT,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX first_contacts_of_day ON first_contacts (site_id, at);
CREATE INDEX first_contacts_ended ON first_contacts (site_id, ended_at);
CREATE INDEX first_contacts_open ON first_contacts (at) WHERE state = 'open';

-- A row that is told to the platform of the level above (上报), under the id that every try of it bears. What stands
-- in it is made when it is sent, from the case as it was after `version` events; nothing of a person lies here.
-- `position` orders the rows of one case. States: pending, sent, refused, given_up.
CREATE TABLE report_rows (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    about_id TEXT NOT NULL,
    number TEXT NOT NULL,
    table_name TEXT NOT NULL,
    part BIGINT NOT NULL,
    operation TEXT NOT NULL,
    reported_state BIGINT,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    owed_at BIGINT NOT NULL,
    sent_at BIGINT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX report_rows_about ON report_rows (site_id, about_id, position);
CREATE INDEX report_rows_open ON report_rows (site_id, state, owed_at) WHERE state <> 'sent';

-- A case that the platform above handles, linked to a visit by its number there; asked about by an errand of the outbox
-- until it has ended.
CREATE TABLE upstream_cases (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    matter_id TEXT,
    matter_name TEXT NOT NULL,
    reported_state BIGINT,
    result BIGINT,
    linked_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX upstream_cases_by_number ON upstream_cases (number);
CREATE INDEX upstream_cases_by_tracking ON upstream_cases (tracking_code);

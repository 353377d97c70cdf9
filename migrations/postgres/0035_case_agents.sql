-- Who may act in a case by its applicant's authorisation, found by the key of the agent's phone. What is authorised, and
-- whether it still is, stands in the case.
CREATE TABLE case_agents (
    site_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    phone_index BYTEA NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, case_id)
);
CREATE INDEX case_agents_by_phone ON case_agents (phone_index);

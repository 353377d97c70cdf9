-- A draft of a matter beside what is in force. `step` is `none` after it was published or done away with; `revision`
-- counts how often it was written. `due_at` says when time will publish it (UTC milliseconds).
CREATE TABLE matter_drafts (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    step TEXT NOT NULL,
    revision BIGINT NOT NULL,
    due_at BIGINT,
    changed_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX matter_drafts_due ON matter_drafts (due_at) WHERE due_at IS NOT NULL;

-- A matter that a site takes over from a site above. `id` is the matter as the site offers it, `of_site_id` and `of_id`
-- the one above. `watch_at` says when time will next have something to tell (UTC milliseconds).
CREATE TABLE matter_claims (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    of_site_id TEXT NOT NULL,
    of_id TEXT NOT NULL,
    state TEXT NOT NULL,
    watch_at BIGINT,
    changed_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX matter_claims_of ON matter_claims (of_site_id, of_id);
CREATE INDEX matter_claims_watched ON matter_claims (watch_at) WHERE watch_at IS NOT NULL;

-- Files of cases (附件). What a file is and where it belongs stands in the case; this row says which content is
-- still named by a case, so that what nobody names can be forgotten.
CREATE TABLE attachments (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX attachments_by_content ON attachments (site_id, sha256) WHERE removed_at IS NULL;

-- A content, once a site however many cases name it; `wanted_at` is when somebody last added it (UTC
-- milliseconds).
CREATE TABLE files (
    site_id TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    parts BIGINT NOT NULL,
    wanted_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, sha256)
);
CREATE INDEX files_wanted ON files (wanted_at);

-- A part of a content, sealed; part -1 is the small picture of it.
CREATE TABLE file_parts (
    site_id TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    part BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (site_id, sha256, part)
);
-- What is sealed cannot be made smaller: no time is spent on trying.
ALTER TABLE file_parts ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Several cases as one (一件事一次办): the bundle as it was, and which cases.
CREATE TABLE bundle_cases (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    applicant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX bundle_cases_number ON bundle_cases (site_id, number);

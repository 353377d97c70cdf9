-- The house: every table of the first version. Same number, tables and columns in both databases.
-- Instants are UTC milliseconds; doc columns are JSON without personal data; sealed columns are encrypted.

-- The head of each site's log; every transaction that writes events locks its row first.
CREATE TABLE site_log (
    site_id TEXT NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    head_hash BLOB NOT NULL
);

-- Append-only; hash is an HMAC over the hash before it and the whole event.
CREATE TABLE events (
    site_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    aggregate TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (site_id, seq)
);
CREATE INDEX events_by_aggregate ON events (site_id, aggregate, aggregate_id, seq);

-- A place with a hall.
CREATE TABLE sites (
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    parent_id TEXT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX sites_key ON sites (key);

-- A department of a district.
CREATE TABLE departments (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- A member of staff and the state of the account.
CREATE TABLE staff (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    department_id TEXT,
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    failures BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX staff_username ON staff (username);

-- A signed-in browser, by the hash of its cookie.
CREATE TABLE sessions (
    token_hash BLOB NOT NULL,
    site_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (token_hash)
);

-- A hall device.
CREATE TABLE devices (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    window_id TEXT,
    zone TEXT,
    profile TEXT,
    revoked_at BIGINT,
    seen_at BIGINT,
    status TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX devices_token ON devices (token_hash);

-- A code by which one device is paired.
CREATE TABLE pairing_codes (
    code_hash BLOB NOT NULL,
    site_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    window_id TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (code_hash)
);

-- A matter in its newest version.
CREATE TABLE matters (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    department_id TEXT NOT NULL,
    line_id TEXT,
    search TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX matters_code ON matters (site_id, code);

-- Every version of a matter, as a case may still refer to it.
CREATE TABLE matter_versions (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id, version)
);

-- Several matters as one.
CREATE TABLE bundles (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- A year of the legal calendar.
CREATE TABLE calendar_years (
    year BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (year)
);

-- A hall without its windows and tickets.
CREATE TABLE halls (
    site_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id)
);

-- A window.
CREATE TABLE windows (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- A ticket.
CREATE TABLE tickets (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    business_date TEXT NOT NULL,
    line_id TEXT NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    short_code TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX tickets_number ON tickets (site_id, business_date, line_id, number);
CREATE UNIQUE INDEX tickets_tracking ON tickets (tracking_code);
CREATE INDEX tickets_short ON tickets (site_id, business_date, short_code);
CREATE INDEX tickets_unfinished ON tickets (site_id, business_date) WHERE state IN ('waiting', 'called', 'serving', 'parked', 'missed');

-- One stretch of a ticket's life in one state.
CREATE TABLE ticket_intervals (
    site_id TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    business_date TEXT NOT NULL,
    state TEXT NOT NULL,
    next TEXT NOT NULL,
    line_id TEXT NOT NULL,
    window_id TEXT,
    staff_id TEXT,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    PRIMARY KEY (site_id, ticket_id, ordinal)
);
CREATE INDEX ticket_intervals_by_date ON ticket_intervals (site_id, business_date);

-- A case.
CREATE TABLE cases (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    query_code TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    ticket_id TEXT,
    matter_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    applicant_id TEXT NOT NULL,
    state TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    closed_at BIGINT,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX cases_number ON cases (site_id, number);
CREATE INDEX cases_by_number ON cases (number);
CREATE INDEX cases_tracking ON cases (tracking_code);
CREATE INDEX cases_open ON cases (site_id, department_id) WHERE closed_at IS NULL;
CREATE INDEX cases_closed ON cases (site_id, closed_at);

-- A counter of a site, such as the serial of a day's case numbers.
CREATE TABLE counters (
    site_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (site_id, name)
);

-- Somebody's data, sealed.
CREATE TABLE persons (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    id_number_index BLOB,
    phone_index BLOB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX persons_id_number ON persons (site_id, id_number_index);
CREATE INDEX persons_phone ON persons (site_id, phone_index);

-- A form or a text by people, sealed.
CREATE TABLE submissions (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- A result document on its way to its owner.
CREATE TABLE certificates (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    custody TEXT NOT NULL,
    upload TEXT NOT NULL,
    slot TEXT,
    changed_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX certificates_by_case ON certificates (site_id, case_id);

-- A rating.
CREATE TABLE evaluations (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    tracking_code TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    level BIGINT NOT NULL,
    reason_codes TEXT NOT NULL,
    text_id TEXT,
    channel TEXT NOT NULL,
    staff_id TEXT,
    window_id TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX evaluations_once ON evaluations (tracking_code, subject, case_id, round);
CREATE INDEX evaluations_at ON evaluations (site_id, at);

-- A message to an applicant.
CREATE TABLE notifications (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    template TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX notifications_by_case ON notifications (site_id, case_id);

-- A side effect that is owed.
CREATE TABLE outbox (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    payload TEXT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX outbox_ready ON outbox (kind, not_before) WHERE state = 'ready';
CREATE INDEX outbox_owed ON outbox (target, kind) WHERE state = 'ready';
CREATE INDEX outbox_by_kind ON outbox (site_id, kind, created_at);

-- Something a person in charge must see.
CREATE TABLE alerts (
    site_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    object_id TEXT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (site_id, id)
);

-- The first outcome of a request with an idempotency key.
CREATE TABLE idempotency (
    key_hash BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    site_id TEXT NOT NULL,
    status BIGINT NOT NULL,
    object_id TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    PRIMARY KEY (key_hash)
);
CREATE INDEX idempotency_keep ON idempotency (keep_until);

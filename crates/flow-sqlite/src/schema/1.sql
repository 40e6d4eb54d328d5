-- One row a session. Times are milliseconds since 1970, as in
--   SELECT state, count(*) FROM sessions GROUP BY state;
--   SELECT id, datetime(wake_at / 1000, 'unixepoch') FROM sessions WHERE wake_at IS NOT NULL ORDER BY wake_at;
CREATE TABLE sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL, -- a version above 2^63 shows as a negative number, and stays distinct
    write_id   TEXT    NOT NULL,
    state      TEXT,             -- the name of the current state, if the record can be read here
    record     ANY     NOT NULL, -- JSON as text; anything else as a blob
    expires_at INTEGER,
    wake_at    INTEGER
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX sessions_by_wake ON sessions (wake_at) WHERE wake_at IS NOT NULL;

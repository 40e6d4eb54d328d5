-- Damaged records, moved out of the way of their sessions. What of one can be read shows
--   SELECT session, datetime(at / 1000, 'unixepoch'), hex(record) FROM quarantine ORDER BY at;
CREATE TABLE quarantine (
    session    TEXT    NOT NULL,
    entry      TEXT    NOT NULL, -- names this one of the session's
    flow       TEXT    NOT NULL, -- these three as they stood beside the record
    version    INTEGER NOT NULL,
    write_id   TEXT    NOT NULL,
    record     ANY     NOT NULL,
    at         INTEGER NOT NULL, -- when it was put here
    expires_at INTEGER,          -- when it is forgotten; never if there is none
    PRIMARY KEY (session, entry)
) STRICT;

CREATE INDEX quarantine_by_expiry ON quarantine (expires_at) WHERE expires_at IS NOT NULL;

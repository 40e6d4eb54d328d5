-- The archive: what is kept for months. Times are milliseconds since 1970, as in `sessions`; where a time is given back as it
-- was put, a column beside it has the nanoseconds of its second.

-- One row a session: as it last was.
CREATE TABLE archived_sessions (
    session      TEXT    NOT NULL PRIMARY KEY,
    flow         TEXT    NOT NULL,
    flow_version INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    status       TEXT    NOT NULL, -- open, ended or lapsed
    language     TEXT,
    data         TEXT    NOT NULL, -- what is known there, as JSON
    created_at   INTEGER NOT NULL, -- when the conversation began
    updated_at   INTEGER NOT NULL, -- when its last turn was
    expires_at   INTEGER,
    archived_at  INTEGER NOT NULL,
    version      INTEGER NOT NULL, -- a version above 2^63 shows as a negative number, and stays distinct
    write_id     TEXT    NOT NULL,
    steps        INTEGER NOT NULL, -- the number that the next step has
    record       ANY     NOT NULL  -- JSON as text; anything else as a blob
) STRICT;

CREATE INDEX archived_sessions_by_update ON archived_sessions (updated_at);

-- One row a step.
CREATE TABLE transitions (
    session      TEXT    NOT NULL,
    number       INTEGER NOT NULL, -- its place among all steps of the session, from 0
    conversation INTEGER NOT NULL, -- the conversation of the session that it belongs to, from 1
    from_state   TEXT,
    to_state     TEXT    NOT NULL,
    cause        TEXT    NOT NULL,
    taken_at     INTEGER NOT NULL,
    taken_nanos  INTEGER NOT NULL,
    place        INTEGER,          -- where to_state stands in the flow's declaration, from 0
    is_end       INTEGER NOT NULL, -- whether to_state is an end: 0 or 1
    flow         TEXT    NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

-- With this who counts conversations need not look at the table.
CREATE INDEX transitions_by_state ON transitions (flow, to_state, cause, conversation);

-- One row a checkpoint.
CREATE TABLE checkpoints (
    session  TEXT    NOT NULL,
    version  INTEGER NOT NULL, -- as in archived_sessions
    number   INTEGER NOT NULL, -- its place among those of its turn, from 0
    state    TEXT    NOT NULL,
    data     TEXT    NOT NULL, -- what was known there, as JSON
    shared   TEXT    NOT NULL, -- what the states shared then, as JSON
    at       INTEGER NOT NULL,
    at_nanos INTEGER NOT NULL,
    PRIMARY KEY (session, version, number)
) STRICT;

-- One row an erased session: what began at that time or before is not kept any more.
CREATE TABLE tombstones (
    session      TEXT    NOT NULL PRIMARY KEY,
    erased_at    INTEGER NOT NULL,
    erased_nanos INTEGER NOT NULL
) STRICT;

CREATE INDEX tombstones_by_time ON tombstones (erased_at);

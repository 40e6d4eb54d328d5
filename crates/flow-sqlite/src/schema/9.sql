-- One row a thing said, in the sessions of the archive. Who said what, in order:
--   SELECT datetime(at / 1000, 'unixepoch'), speaker, text FROM said WHERE session = '…' ORDER BY at, at_nanos, version, number;
CREATE TABLE said (
    session  TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    at_nanos INTEGER NOT NULL,
    version  INTEGER NOT NULL, -- of the turn's write; as in archived_sessions
    write_id TEXT    NOT NULL,
    number   INTEGER NOT NULL, -- its place among those of its turn, from 0
    flow     TEXT    NOT NULL,
    speaker  TEXT    NOT NULL, -- visitor, bot, operator or outside
    state    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    text     TEXT,             -- none if the words are not kept
    details  TEXT    NOT NULL, -- what else there is to it, as JSON
    bytes    INTEGER NOT NULL, -- how many it had before anything was cut or masked
    is_cut   INTEGER NOT NULL, -- whether some of it was cut off: 0 or 1
    PRIMARY KEY (session, at, at_nanos, version, write_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX said_by_time ON said (flow, at, at_nanos);

-- A checkpoint is named by the write that decided it: a session that begins again gives a version twice. What a release before
-- has kept, or still keeps beside this one, has the version alone.
CREATE TABLE checkpoints_by_write (
    session  TEXT    NOT NULL,
    version  INTEGER NOT NULL, -- as in archived_sessions
    write_id TEXT    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    number   INTEGER NOT NULL, -- its place among those of its turn, from 0
    state    TEXT    NOT NULL,
    data     TEXT    NOT NULL, -- what was known there, as JSON
    shared   TEXT    NOT NULL, -- what the states shared then, as JSON
    at       INTEGER NOT NULL,
    at_nanos INTEGER NOT NULL,
    PRIMARY KEY (session, version, write_id, number)
) STRICT;
INSERT INTO checkpoints_by_write (session, version, number, state, data, shared, at, at_nanos)
    SELECT session, version, number, state, data, shared, at, at_nanos FROM checkpoints;
DROP TABLE checkpoints;
ALTER TABLE checkpoints_by_write RENAME TO checkpoints;

-- How many erasures there were, and one more: what an answer of the archive is dated by, instead of a clock's time. A tombstone
-- has the epoch that began with its erasure. One that a release before has left, or still leaves beside this one, has none.
CREATE TABLE epoch (
    number INTEGER NOT NULL
) STRICT;
INSERT INTO epoch (number) VALUES (1);
ALTER TABLE tombstones ADD COLUMN epoch INTEGER;

-- Until when workers of a flow are taken for alive, in milliseconds since 1970.
CREATE TABLE beats (
    flow        TEXT    NOT NULL PRIMARY KEY,
    alive_until INTEGER NOT NULL
) STRICT;

-- How many sessions of a flow have expired and were removed though they waited for a worker; the next one is told.
CREATE TABLE forgotten (
    flow     TEXT    NOT NULL PRIMARY KEY,
    sessions INTEGER NOT NULL
) STRICT;

-- Which sessions were written so that it is told, or removed, the last thousand of them: how the processes that share the file hear of each
-- other. It is empty where nobody wants to hear.
CREATE TABLE told (
    place   INTEGER NOT NULL PRIMARY KEY, -- the order; no place is ever taken twice, because the last rows stay
    session TEXT    NOT NULL
) STRICT;

-- What waits beside the sessions. A session without letters has no inbox; one with letters is due when its inbox is, whatever
-- `sessions` says.
CREATE TABLE inboxes (
    session TEXT    NOT NULL PRIMARY KEY,
    flow    TEXT    NOT NULL,
    wake_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX inboxes_by_wake ON inboxes (flow, wake_at);

-- One row a letter.
CREATE TABLE letters (
    place   INTEGER NOT NULL PRIMARY KEY, -- rising in the order of posting
    session TEXT    NOT NULL,
    name    BLOB    NOT NULL, -- which message it is
    body    BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX letters_by_name ON letters (session, name);
CREATE INDEX letters_by_session ON letters (session, place);

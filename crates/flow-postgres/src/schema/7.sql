-- What waits beside the sessions. A session with letters is due when its inbox is, whatever `live` says. A row stays when its last
-- letter is taken off, so that whoever posts and whoever takes wait for each other here; it is swept later.
CREATE TABLE inboxes (
    session uuid   PRIMARY KEY,
    flow    text   NOT NULL,
    waiting bigint NOT NULL, -- how many letters
    bytes   bigint NOT NULL, -- of their bodies
    wake_at timestamptz NOT NULL
);
CREATE INDEX inboxes_by_wake ON inboxes (flow, wake_at) WHERE waiting > 0;
CREATE INDEX inboxes_empty ON inboxes (session) WHERE waiting = 0;
ALTER TABLE inboxes SET (autovacuum_vacuum_scale_factor = 0.05);

-- A row each letter.
CREATE TABLE letters (
    session uuid   NOT NULL REFERENCES inboxes ON DELETE CASCADE,
    place   bigint NOT NULL GENERATED ALWAYS AS IDENTITY, -- rising in the order of posting
    name    bytea  NOT NULL, -- which message it is
    body    bytea  NOT NULL,
    PRIMARY KEY (session, place),
    UNIQUE (session, name)
);
ALTER TABLE letters SET (autovacuum_vacuum_scale_factor = 0.05);

-- Who was given the right to write live sessions may do so with what waits beside them.
DO $$
DECLARE
    writer text;
BEGIN
    FOR writer IN
        SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(entry.grantee)) END
        FROM pg_class, aclexplode(relacl) AS entry
        WHERE oid = 'live'::regclass AND entry.grantee <> relowner AND entry.privilege_type = 'UPDATE'
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON inboxes, letters TO ' || writer;
    END LOOP;
END
$$;

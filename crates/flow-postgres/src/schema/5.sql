-- Damaged records, moved out of the way of their sessions.
CREATE TABLE quarantine (
    session    uuid   NOT NULL,
    entry      uuid   NOT NULL, -- names this one of the session's
    flow       text   NOT NULL, -- these three as they stood beside the record
    version    bigint NOT NULL,
    write_id   uuid   NOT NULL,
    record     bytea  NOT NULL,
    at         timestamptz NOT NULL, -- when it was put here
    expires_at timestamptz,          -- when it is forgotten; never if there is none
    PRIMARY KEY (session, entry)
);
CREATE INDEX quarantine_by_expiry ON quarantine (expires_at) WHERE expires_at IS NOT NULL;

-- Who was given the right to write live sessions may put them here.
DO $$
DECLARE
    writer text;
BEGIN
    FOR writer IN
        SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(entry.grantee)) END
        FROM pg_class, aclexplode(relacl) AS entry
        WHERE oid = 'live'::regclass AND entry.grantee <> relowner AND entry.privilege_type = 'UPDATE'
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON quarantine TO ' || writer;
    END LOOP;
END
$$;

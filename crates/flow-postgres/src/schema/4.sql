-- Until when workers of a flow are taken for alive.
CREATE TABLE beats (
    flow        text PRIMARY KEY,
    alive_until timestamptz NOT NULL
);

-- How many sessions of a flow have expired and were removed though they waited for a worker; the next one is told.
CREATE TABLE forgotten (
    flow     text   PRIMARY KEY,
    sessions bigint NOT NULL
);

-- Who was given the right to write live sessions may do what workers and sweeps do here.
DO $$
DECLARE
    writer text;
BEGIN
    FOR writer IN
        SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(entry.grantee)) END
        FROM pg_class, aclexplode(relacl) AS entry
        WHERE oid = 'live'::regclass AND entry.grantee <> relowner AND entry.privilege_type = 'UPDATE'
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON beats, forgotten TO ' || writer;
    END LOOP;
END
$$;

-- How many erasures there were, and one more: what an answer of the archive is dated by, instead of a clock's time.
CREATE TABLE epoch (
    number bigint NOT NULL
);
INSERT INTO epoch (number) VALUES (1);

-- The epoch that began with the erasure. A tombstone that a release before has left, or still leaves beside this one, has none.
ALTER TABLE tombstones ADD COLUMN epoch bigint;

-- Who was given the right to erase may begin an epoch; who may read the archive may read which it is.
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(entry.grantee)) END AS role,
            CASE WHEN relname = 'tombstones' THEN 'SELECT, UPDATE' ELSE 'SELECT' END AS rights
        FROM pg_class, aclexplode(relacl) AS entry
        WHERE entry.grantee <> relowner AND (oid, entry.privilege_type) IN
            (('tombstones'::regclass, 'UPDATE'), ('sessions'::regclass, 'SELECT'))
    LOOP
        EXECUTE 'GRANT ' || given.rights || ' ON epoch TO ' || given.role;
    END LOOP;
END
$$;

-- What was said in the sessions of the archive, if that is kept.
CREATE TABLE said (
    session  uuid   NOT NULL REFERENCES sessions ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    version  bigint NOT NULL, -- of the turn's write; as in live
    write_id uuid   NOT NULL,
    index    bigint NOT NULL, -- among what was said in its turn, from 0
    flow     text   NOT NULL,
    speaker  text   NOT NULL, -- visitor, bot, operator, outside
    state    text   NOT NULL,
    kind     text   NOT NULL,
    text     text,            -- none if the words are not kept
    details  jsonb  NOT NULL,
    bytes    bigint NOT NULL, -- before anything was cut or masked
    is_cut   boolean NOT NULL,
    exact    bytea,           -- text and details as they were, where a column changes them: NUL is ␀ there, and 1e16 a whole number
    PRIMARY KEY (session, at, version, write_id, index)
);
CREATE INDEX said_by_time ON said (flow, at);

-- Who was given the right to erase may forget what was said, which takes locks; who may keep a checkpoint may keep it, and who may
-- read one may read it.
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(entry.grantee)) END AS role,
            CASE WHEN relname = 'tombstones' THEN 'UPDATE, DELETE' ELSE entry.privilege_type END AS rights
        FROM pg_class, aclexplode(relacl) AS entry
        WHERE entry.grantee <> relowner AND (oid, entry.privilege_type) IN
            (('tombstones'::regclass, 'DELETE'), ('checkpoints'::regclass, 'SELECT'), ('checkpoints'::regclass, 'INSERT'))
    LOOP
        EXECUTE 'GRANT ' || given.rights || ' ON said TO ' || given.role;
    END LOOP;
END
$$;

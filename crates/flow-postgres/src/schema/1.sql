-- By its comment the schema is told to be ours.
CREATE TABLE migrations (
    version    integer     PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE migrations IS 'flow-postgres';

-- The live sessions, a row each.
CREATE TABLE live (
    id         uuid   PRIMARY KEY,
    version    bigint NOT NULL, -- a version above 2^63 shows as a negative number, and stays distinct
    write_id   uuid   NOT NULL,
    state      text,            -- the name of the current state, if the record can be read here
    record     bytea  NOT NULL,
    expires_at timestamptz,
    wake_at    timestamptz
);
CREATE INDEX live_by_expiry ON live (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX live_by_wake ON live (wake_at) WHERE wake_at IS NOT NULL;
-- A row is written at every turn of its session.
ALTER TABLE live SET (autovacuum_vacuum_scale_factor = 0.05);

-- The archive: of each session what was last kept of it.
CREATE TABLE sessions (
    session      uuid   PRIMARY KEY,
    flow         text   NOT NULL,
    flow_version bigint NOT NULL,
    state        text   NOT NULL,
    status       text   NOT NULL, -- open, ended, lapsed
    language     text,
    data         jsonb  NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    archived_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    version      bigint NOT NULL,
    write_id     uuid   NOT NULL,
    steps        bigint NOT NULL, -- the number that the next step has
    record       bytea  NOT NULL
);
CREATE INDEX sessions_by_turn ON sessions (updated_at);
CREATE INDEX sessions_by_state ON sessions (flow, state, status);

-- Every step that a session took.
CREATE TABLE transitions (
    session      uuid    NOT NULL REFERENCES sessions ON DELETE CASCADE,
    number       bigint  NOT NULL, -- among all steps of the session, from 0
    conversation bigint  NOT NULL, -- of the session, from 1
    flow         text    NOT NULL,
    from_state   text,             -- none where the conversation began
    to_state     text    NOT NULL,
    cause        text    NOT NULL,
    taken_at     timestamptz NOT NULL,
    place        bigint,           -- of the entered state in the flow's declaration, from 0
    is_end       boolean NOT NULL,
    PRIMARY KEY (session, number)
);
CREATE INDEX transitions_by_state ON transitions (flow, to_state, taken_at);
CREATE INDEX transitions_by_time ON transitions (taken_at);

-- Every checkpoint, with what was known then.
CREATE TABLE checkpoints (
    session uuid   NOT NULL REFERENCES sessions ON DELETE CASCADE,
    version bigint NOT NULL, -- as in live
    index   bigint NOT NULL, -- among those of its turn, from 0
    flow    text   NOT NULL,
    state   text   NOT NULL,
    data    jsonb  NOT NULL,
    shared  jsonb  NOT NULL,
    at      timestamptz NOT NULL,
    exact   bytea,           -- data and shared as they were, where jsonb changes them: NUL is ␀ there, and 1e16 a whole number
    PRIMARY KEY (session, version, index)
);
CREATE INDEX checkpoints_by_state ON checkpoints (flow, state, at);

-- Sessions that were erased: what began then or before is not kept again.
CREATE TABLE tombstones (
    session   uuid        PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
CREATE INDEX tombstones_by_time ON tombstones (erased_at);

-- Statistics, each of all conversations that are kept. A conversation is one of a session and its number, and begins with a
-- step that is opened, reopened or expired. A step that is lapsed or resumed enters no state: it stands where it stood.

-- Where each state stands in its flow's declaration, as far as was last known.
CREATE VIEW places AS
    SELECT DISTINCT ON (flow, to_state) flow, to_state AS state, place
    FROM transitions
    WHERE place IS NOT NULL
    ORDER BY flow, to_state, taken_at DESC;

-- How many conversations entered each state.
CREATE VIEW entered AS
    SELECT flow, place, state, reached
    FROM (
        SELECT flow, to_state AS state, count(*) AS reached
        FROM (
            SELECT DISTINCT flow, to_state, session, conversation
            FROM transitions
            WHERE cause NOT IN ('lapsed', 'resumed')
        ) AS conversations
        GROUP BY flow, to_state
    ) AS states LEFT JOIN places USING (flow, state);

-- How far they come: which share of the conversations that began entered each state.
CREATE VIEW funnel AS
    SELECT flow, place, state, reached, reached::double precision / begun AS share
    FROM entered LEFT JOIN (
        SELECT flow, count(*) AS begun
        FROM (SELECT DISTINCT flow, session, conversation FROM transitions) AS conversations -- with a beginning or without
        GROUP BY flow
    ) AS flows USING (flow)
    ORDER BY flow, place, state;

-- Where they are given up: of those that entered a state, how many lapsed there, and how many stand there still.
CREATE VIEW drop_off AS
    SELECT flow, place, state, reached, coalesce(lapsed, 0) AS lapsed, coalesce(open, 0) AS open,
        coalesce(lapsed, 0)::double precision / reached AS drop_rate
    FROM entered LEFT JOIN (
        SELECT flow, state, count(*) FILTER (WHERE cause = 'lapsed') AS lapsed,
            count(*) FILTER (WHERE cause <> 'lapsed' AND NOT is_end) AS open
        FROM (
            SELECT DISTINCT ON (session, conversation) flow, to_state AS state, cause, is_end
            FROM transitions
            ORDER BY session, conversation, number DESC
        ) AS last_steps
        GROUP BY flow, state
    ) AS standing USING (flow, state)
    ORDER BY flow, place, state;

-- How long they stay: from entering a state to the next step. A stay in which the session lapsed is not counted, nor one in
-- which it was resumed, because nobody knows how long it was.
CREATE VIEW time_in_state AS
    WITH stays AS (
        SELECT flow, to_state AS state, cause, lead(cause) OVER later AS next_cause,
            extract(epoch FROM lead(taken_at) OVER later - taken_at)::double precision AS seconds
        FROM transitions
        WINDOW later AS (PARTITION BY session, conversation ORDER BY number)
    )
    SELECT flow, place, state, count(*) AS visits,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds
    FROM stays LEFT JOIN places USING (flow, state)
    WHERE cause NOT IN ('lapsed', 'resumed') AND next_cause NOT IN ('lapsed', 'resumed')
    GROUP BY flow, place, state
    ORDER BY flow, place, state;

-- What becomes of those that begin on a day, by UTC: for each end that the flow ever came to, how many came to it.
CREATE VIEW conversions_by_day AS
    WITH begun AS (
        SELECT flow, session, conversation, (taken_at AT TIME ZONE 'UTC')::date AS day
        FROM transitions
        WHERE cause IN ('opened', 'reopened', 'expired')
    ), days AS (
        SELECT flow, day, count(*) AS begun FROM begun GROUP BY flow, day
    ), ends AS (
        SELECT DISTINCT flow, to_state AS end_state FROM transitions WHERE is_end
    ), ended AS (
        SELECT DISTINCT begun.flow, day, session, conversation, to_state AS end_state
        FROM begun JOIN transitions USING (session, conversation)
        WHERE is_end
    ), reached AS (
        SELECT flow, day, end_state, count(*) AS reached FROM ended GROUP BY flow, day, end_state
    )
    SELECT flow, day, begun, end_state, coalesce(reached, 0) AS reached,
        coalesce(reached, 0)::double precision / begun AS rate
    FROM days JOIN ends USING (flow) LEFT JOIN reached USING (flow, day, end_state)
        LEFT JOIN (SELECT flow, state AS end_state, place FROM places) AS places USING (flow, end_state)
    ORDER BY flow, day, place, end_state;

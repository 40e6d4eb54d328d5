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
    version bigint NOT NULL,
    index   bigint NOT NULL,
    flow    text   NOT NULL,
    state   text   NOT NULL,
    data    jsonb  NOT NULL,
    shared  jsonb  NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (session, version, index)
);
CREATE INDEX checkpoints_by_state ON checkpoints (flow, state, at);

-- Sessions that were erased: what began then or before is not kept again.
CREATE TABLE tombstones (
    session   uuid        PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
CREATE INDEX tombstones_by_time ON tombstones (erased_at);

-- Where conversations began.
CREATE VIEW beginnings AS
SELECT flow, session, conversation, min(taken_at) AS begun_at
FROM transitions
WHERE cause IN ('opened', 'reopened', 'expired')
GROUP BY flow, session, conversation;

-- Which states conversations entered. Who lapsed or was taken up again stayed where he was.
CREATE VIEW entered AS
SELECT flow, to_state AS state, session, conversation, max(place) AS place, bool_or(is_end) AS is_end
FROM transitions
WHERE cause NOT IN ('lapsed', 'resumed')
GROUP BY flow, to_state, session, conversation;

-- How many conversations came to each state.
CREATE VIEW funnel AS
SELECT entered.flow, max(place) AS place, state, count(*) AS reached,
    round(count(*)::numeric / max(begun), 4) AS share
FROM entered JOIN (SELECT flow, count(*) AS begun FROM beginnings GROUP BY flow) AS begun USING (flow)
GROUP BY entered.flow, state
ORDER BY flow, place, state;

-- Where conversations were given up, and where they still stand.
CREATE VIEW drop_off AS
WITH last_steps AS (
    SELECT DISTINCT ON (session, conversation) flow, to_state AS state, cause, is_end
    FROM transitions
    ORDER BY session, conversation, number DESC
), standing AS (
    SELECT flow, state, count(*) FILTER (WHERE cause = 'lapsed') AS lapsed,
        count(*) FILTER (WHERE cause <> 'lapsed' AND NOT is_end) AS open
    FROM last_steps
    GROUP BY flow, state
)
SELECT flow, place, state, reached, coalesce(lapsed, 0) AS lapsed, coalesce(open, 0) AS open,
    round(coalesce(lapsed, 0)::numeric / reached, 4) AS drop_rate
FROM funnel LEFT JOIN standing USING (flow, state)
ORDER BY flow, place, state;

-- How long conversations stay in a state before they go on; those that lapsed there did not.
CREATE VIEW time_in_state AS
WITH steps AS (
    SELECT flow, to_state AS state, place, cause, taken_at,
        lead(taken_at) OVER later AS left_at, lead(cause) OVER later AS next_cause
    FROM transitions
    WHERE cause <> 'resumed'
    WINDOW later AS (PARTITION BY session, conversation ORDER BY number)
), visits AS (
    SELECT flow, state, place, extract(epoch FROM left_at - taken_at)::double precision AS seconds
    FROM steps
    WHERE cause <> 'lapsed' AND next_cause <> 'lapsed'
)
SELECT flow, max(place) AS place, state, count(*) AS visits,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds
FROM visits
GROUP BY flow, state
ORDER BY flow, place, state;

-- Of the conversations that began on a day, in UTC, how many came to which end.
CREATE VIEW conversions_by_day AS
WITH days AS (
    SELECT flow, session, conversation, (begun_at AT TIME ZONE 'UTC')::date AS day
    FROM beginnings
), begun AS (
    SELECT flow, day, count(*) AS begun
    FROM days
    GROUP BY flow, day
), ends AS (
    SELECT flow, day, state AS end_state, count(*) AS reached
    FROM days JOIN entered USING (flow, session, conversation)
    WHERE is_end
    GROUP BY flow, day, state
)
SELECT flow, day, begun, end_state, coalesce(reached, 0) AS reached,
    round(coalesce(reached, 0)::numeric / begun, 4) AS rate
FROM begun LEFT JOIN ends USING (flow, day)
ORDER BY flow, day, end_state;

-- What is done to a session where it stands is no step that leads anywhere: that a person took over, spoke, let go, or saw to
-- dead letters, or that something was said meanwhile. The statistics are of the steps but those.

DROP VIEW time_in_state;
DROP VIEW drop_off;
DROP VIEW funnel;
DROP VIEW entered;
DROP VIEW IF EXISTS moves;

-- The steps into a state, and those by which a session lapses and is resumed where it stands.
CREATE VIEW moves AS
    SELECT session, number, flow, conversation, to_state, cause, taken_at, is_end
    FROM transitions
    WHERE cause NOT IN ('retried', 'dismissed', 'paused', 'handedOver', 'unanswered', 'spoken', 'unpaused');

-- How many conversations entered each state.
CREATE VIEW entered AS
    SELECT flow, places.place, state, reached
    FROM (
        SELECT flow, to_state AS state, count(DISTINCT session || '/' || conversation) AS reached
        FROM moves
        WHERE cause NOT IN ('lapsed', 'resumed')
        GROUP BY flow, to_state
    ) LEFT JOIN places USING (flow, state);

-- How far they come: which share of the conversations that began entered each state.
CREATE VIEW funnel AS
    SELECT flow, place, state, reached, 1.0 * reached / begun AS share
    FROM entered LEFT JOIN (
        SELECT flow, count(*) AS begun
        FROM (SELECT DISTINCT flow, session, conversation FROM transitions) -- with a beginning or without
        GROUP BY flow
    ) USING (flow)
    ORDER BY flow, place IS NULL, place, state;

-- Where they are given up: of those that entered a state, how many lapsed there, and how many stand there still.
CREATE VIEW drop_off AS
    SELECT flow, place, state, reached, coalesce(lapsed, 0) AS lapsed, coalesce(open, 0) AS open,
        1.0 * coalesce(lapsed, 0) / reached AS drop_rate
    FROM entered LEFT JOIN (
        SELECT flow, to_state AS state, sum(cause = 'lapsed') AS lapsed, sum(cause <> 'lapsed' AND NOT is_end) AS open
        FROM (
            SELECT flow, to_state, cause, is_end, max(number) -- of each conversation the row of its last step
            FROM moves
            GROUP BY session, conversation
        )
        GROUP BY flow, to_state
    ) USING (flow, state)
    ORDER BY flow, place IS NULL, place, state;

-- How long they stay: from entering a state to the next step. A stay in which the session lapsed is not counted, nor one in
-- which it was resumed, because nobody knows how long it was. A pause is part of the stay that it came in.
CREATE VIEW time_in_state AS
    WITH stays AS (
        SELECT flow, to_state AS state, cause, lead(cause) OVER conversation AS next_cause,
            (lead(taken_at) OVER conversation - taken_at) / 1000.0 AS seconds
        FROM moves
        WINDOW conversation AS (PARTITION BY session, conversation ORDER BY number)
    ), ranked AS (
        SELECT flow, state, seconds, row_number() OVER (PARTITION BY flow, state ORDER BY seconds) - 1 AS rank,
            count(*) OVER (PARTITION BY flow, state) - 1 AS largest
        FROM stays
        WHERE cause NOT IN ('lapsed', 'resumed') AND next_cause NOT IN ('lapsed', 'resumed')
    )
    -- As percentile_cont has it: of the two ranks that a percentile lies between, each weighs what the other is away.
    SELECT flow, place, state, count(*) AS visits,
        sum(seconds * max(0, 1 - abs(rank - 0.5 * largest))) AS median_seconds,
        sum(seconds * max(0, 1 - abs(rank - 0.95 * largest))) AS p95_seconds
    FROM ranked LEFT JOIN places USING (flow, state)
    GROUP BY flow, place, state
    ORDER BY flow, place IS NULL, place, state;

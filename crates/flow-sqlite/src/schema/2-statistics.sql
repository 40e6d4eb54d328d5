-- Statistics, each of all conversations that are kept. A conversation is one of a session and its number, and begins with a
-- step that is opened, reopened or expired. A step that is lapsed or resumed enters no state: it stands where it stood.

-- Where each state stands in its flow's declaration, as far as was last known.
CREATE VIEW places AS
    SELECT flow, to_state AS state, place, max(taken_at) AS known_at -- SQLite takes the place from the row of the maximum
    FROM transitions
    WHERE place IS NOT NULL
    GROUP BY flow, to_state;

-- How many conversations entered each state.
CREATE VIEW entered AS
    SELECT flow, places.place, state, reached
    FROM (
        SELECT flow, to_state AS state, count(DISTINCT session || '/' || conversation) AS reached
        FROM transitions
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
            FROM transitions
            GROUP BY session, conversation
        )
        GROUP BY flow, to_state
    ) USING (flow, state)
    ORDER BY flow, place IS NULL, place, state;

-- How long they stay: from entering a state to the next step. A stay in which the session lapsed is not counted, nor one in
-- which it was resumed, because nobody knows how long it was.
CREATE VIEW time_in_state AS
    WITH stays AS (
        SELECT flow, to_state AS state, cause, lead(cause) OVER conversation AS next_cause,
            (lead(taken_at) OVER conversation - taken_at) / 1000.0 AS seconds
        FROM transitions
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

-- What becomes of those that begin on a day, by UTC: for each end that the flow ever came to, how many came to it.
CREATE VIEW conversions_by_day AS
    WITH begun AS (
        SELECT flow, session, conversation, date(taken_at / 1000, 'unixepoch') AS day
        FROM transitions
        WHERE cause IN ('opened', 'reopened', 'expired')
    ), days AS (
        SELECT flow, day, count(*) AS begun FROM begun GROUP BY flow, day
    ), ends AS (
        SELECT DISTINCT flow, to_state AS end_state FROM transitions WHERE is_end
    ), reached AS (
        SELECT begun.flow, day, to_state AS end_state, count(DISTINCT session || '/' || conversation) AS reached
        FROM begun JOIN transitions USING (session, conversation)
        WHERE is_end
        GROUP BY begun.flow, day, to_state
    )
    SELECT flow, day, begun, end_state, coalesce(reached, 0) AS reached, 1.0 * coalesce(reached, 0) / begun AS rate
    FROM days JOIN ends USING (flow) LEFT JOIN reached USING (flow, day, end_state)
        LEFT JOIN (SELECT flow, state AS end_state, place FROM places) USING (flow, end_state)
    ORDER BY flow, day, place IS NULL, place, end_state;

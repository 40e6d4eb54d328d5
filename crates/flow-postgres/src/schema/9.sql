-- What is done to a session where it stands is no step that leads anywhere: that a person took over, spoke, let go, or saw to
-- dead letters, or that something was said meanwhile. The statistics are of the steps but those. Views that are replaced keep the
-- rights that were given to them.

-- The steps into a state, and those by which a session lapses and is resumed where it stands.
CREATE OR REPLACE VIEW moves AS
    SELECT session, number, flow, conversation, to_state, cause, taken_at, is_end
    FROM transitions
    WHERE cause NOT IN ('retried', 'dismissed', 'paused', 'handedOver', 'unanswered', 'spoken', 'unpaused');

-- How many conversations entered each state.
CREATE OR REPLACE VIEW entered AS
    SELECT flow, place, state, reached
    FROM (
        SELECT flow, to_state AS state, count(*) AS reached
        FROM (
            SELECT DISTINCT flow, to_state, session, conversation
            FROM moves
            WHERE cause NOT IN ('lapsed', 'resumed')
        ) AS conversations
        GROUP BY flow, to_state
    ) AS states LEFT JOIN places USING (flow, state);

-- Where they are given up: of those that entered a state, how many lapsed there, and how many stand there still.
CREATE OR REPLACE VIEW drop_off AS
    SELECT flow, place, state, reached, coalesce(lapsed, 0) AS lapsed, coalesce(open, 0) AS open,
        coalesce(lapsed, 0)::double precision / reached AS drop_rate
    FROM entered LEFT JOIN (
        SELECT flow, state, count(*) FILTER (WHERE cause = 'lapsed') AS lapsed,
            count(*) FILTER (WHERE cause <> 'lapsed' AND NOT is_end) AS open
        FROM (
            SELECT DISTINCT ON (session, conversation) flow, to_state AS state, cause, is_end
            FROM moves
            ORDER BY session, conversation, number DESC
        ) AS last_steps
        GROUP BY flow, state
    ) AS standing USING (flow, state)
    ORDER BY flow, place, state;

-- How long they stay: from entering a state to the next step. A stay in which the session lapsed is not counted, nor one in
-- which it was resumed, because nobody knows how long it was. A pause is part of the stay that it came in.
CREATE OR REPLACE VIEW time_in_state AS
    WITH stays AS (
        SELECT flow, to_state AS state, cause, lead(cause) OVER later AS next_cause,
            extract(epoch FROM lead(taken_at) OVER later - taken_at)::double precision AS seconds
        FROM moves
        WINDOW later AS (PARTITION BY session, conversation ORDER BY number)
    )
    SELECT flow, place, state, count(*) AS visits,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds
    FROM stays LEFT JOIN places USING (flow, state)
    WHERE cause NOT IN ('lapsed', 'resumed') AND next_cause NOT IN ('lapsed', 'resumed')
    GROUP BY flow, place, state
    ORDER BY flow, place, state;

-- The flow that a session belongs to: a worker looks for the due sessions of its own flow only.
ALTER TABLE sessions ADD COLUMN flow TEXT NOT NULL DEFAULT '';

UPDATE sessions SET flow = coalesce(record ->> 'flow', '') WHERE typeof(record) = 'text' AND json_valid(record);

-- A process of an older release that still runs beside this one does not tell the flow: it is read off the record.
CREATE TRIGGER sessions_of_older_releases AFTER INSERT ON sessions
    WHEN NEW.flow = '' AND typeof(NEW.record) = 'text' AND json_valid(NEW.record)
BEGIN
    UPDATE sessions SET flow = coalesce(NEW.record ->> 'flow', '') WHERE id = NEW.id;
END;

DROP INDEX sessions_by_wake;
CREATE INDEX sessions_by_wake ON sessions (flow, wake_at) WHERE wake_at IS NOT NULL;

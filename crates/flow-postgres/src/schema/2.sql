-- The flow that a live session belongs to: a worker looks for the due sessions of its own flow only.
ALTER TABLE live ADD COLUMN flow text NOT NULL DEFAULT '';

-- Where the flow is not told, it is read off the record, if that can be read here: now for all rows, and later for those of
-- a process of an older release that still runs beside this one.
CREATE FUNCTION name_flow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rest bytea;
BEGIN
    -- Behind the first `,"flow":"`, which is the record's own. As bytes: what a visitor said may hold a NUL, or what the
    -- encoding of this database does not have, and then no JSON can be read here.
    rest := substring(NEW.record FROM nullif(position('\x2c22666c6f77223a22'::bytea IN NEW.record), 0) + 9);
    rest := substring(rest FOR position('\x22'::bytea IN rest) - 1);
    NEW.flow := coalesce(('"' || convert_from(rest, 'UTF8') || '"')::json #>> '{}', '');
    RETURN NEW;
EXCEPTION WHEN others THEN
    RETURN NEW;
END
$$;
CREATE TRIGGER live_without_flow BEFORE INSERT OR UPDATE ON live
    FOR EACH ROW WHEN (NEW.flow = '') EXECUTE FUNCTION name_flow();
UPDATE live SET flow = '';

DROP INDEX live_by_wake;
CREATE INDEX live_by_wake ON live (flow, wake_at) WHERE wake_at IS NOT NULL;

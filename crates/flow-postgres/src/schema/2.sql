-- The flow that a live session belongs to: a worker looks for the due sessions of its own flow only.
ALTER TABLE live ADD COLUMN flow text NOT NULL DEFAULT '';

-- Where the flow is not told, it is read off the record, if that can be read here: now for all rows, and later for those of
-- a process of an older release that still runs beside this one.
CREATE FUNCTION name_flow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.flow := coalesce(convert_from(NEW.record, 'UTF8')::json ->> 'flow', '');
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

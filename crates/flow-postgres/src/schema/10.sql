-- When the sweep looks at a row: at its expiry or somewhat later. A turn moves the expiry, and not this as a rule, so that it touches no
-- index. Rows of before are looked at once, and those that an older release writes meanwhile.
ALTER TABLE live ADD COLUMN sweep_at timestamptz DEFAULT '-infinity';
DROP INDEX live_by_expiry;
CREATE INDEX live_by_sweep ON live (sweep_at) WHERE sweep_at IS NOT NULL;

-- A checkpoint is named by the write that decided it: a session that begins again gives a version twice. What a release before
-- has kept has the version alone.
ALTER TABLE checkpoints ADD COLUMN write_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE checkpoints DROP CONSTRAINT checkpoints_pkey;
ALTER TABLE checkpoints ADD PRIMARY KEY (session, version, write_id, index);

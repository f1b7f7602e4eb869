-- Rules that lie in several files: versions of all of them, and a change that has begun.

alter table hba_revision
  add column tree     bytea, -- sealed: main path, and the other files; null: only the main file was kept
  add column files    jsonb   not null default '[]', -- paths of those that differ from the version before
  add column restores integer; -- number of the version that came back

-- From before the first file is written until the version is there or all is as it was. Whoever
-- changes the server next ends what was broken off.
create table hba_write (
  server_id   uuid primary key references server (id) on delete cascade,
  id          uuid        not null,
  recorded_at timestamptz not null,
  content     bytea       not null -- sealed: files with their content before, and what to note
);

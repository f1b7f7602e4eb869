-- A job that runs others: its steps are those jobs, which are made together with it and held back
-- until it starts each.

alter table job
  add column parent          uuid references job (id) on delete cascade,
  add column parent_position integer,
  add column held            boolean not null default false,
  add column blocked_since   timestamptz; -- of one that is held: others have one of its servers

create index job_parent on job (parent, parent_position) where parent is not null;

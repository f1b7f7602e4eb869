-- The control database of pgseal: PostgreSQL 14 or newer.
-- Columns of type bytea hold sealed secrets (dev.pgseal.security.Secrets) unless said otherwise.

create table api_token (
  name        text primary key,
  token_hash  bytea       not null unique, -- SHA-256 of the token
  created_by  text        not null,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz
);

create table server (
  id                   uuid primary key,
  name                 text        not null unique,
  host                 text        not null,
  port                 integer     not null,
  database             text        not null,
  username             text        not null,
  password             bytea       not null,
  ssl_mode             text        not null,
  ssl_root_certificate text,
  endpoints            jsonb       not null,
  labels               jsonb       not null,
  desired_mode         text,
  revision             bigint      not null,
  created_at           timestamptz not null,
  updated_at           timestamptz not null
);

create index server_labels on server using gin (labels jsonb_path_ops);

-- One changing operation per server; a lease that runs out when its holder died.
create table server_lock (
  server_id   uuid primary key references server (id) on delete cascade,
  lease       uuid        not null,
  owner       text        not null,
  operation   text        not null,
  acquired_at timestamptz not null,
  expires_at  timestamptz not null
);

create table authority (
  name              text primary key,
  certificate_chain text        not null, -- PEM, the authority's own certificate first
  private_key       bytea       not null,
  key_type          text        not null,
  created_at        timestamptz not null default now()
);

create table certificate (
  id            uuid primary key,
  authority     text references authority (name),
  server_id     uuid references server (id) on delete set null,
  serial        text        not null,
  fingerprint   text        not null, -- SHA-256 of the DER, lower-case hex
  subject_names jsonb       not null,
  not_before    timestamptz not null,
  not_after     timestamptz not null,
  pem           text        not null,
  created_at    timestamptz not null
);

create index certificate_server on certificate (server_id, created_at desc);
create index certificate_not_after on certificate (not_after);

create table hba_revision (
  id         uuid primary key,
  server_id  uuid        not null references server (id) on delete cascade,
  number     integer     not null,
  author     text        not null,
  created_at timestamptz not null default now(),
  sha256     text        not null,
  content    bytea       not null, -- sealed: a rule may hold an LDAP or RADIUS secret
  kind       text        not null,
  summary    text        not null,
  edits      bytea       not null, -- sealed for the same reason: lines before and after
  unique (server_id, number)
);

create table job (
  id            uuid primary key,
  kind          text        not null,
  state         text        not null,
  request       jsonb       not null,
  requested_by  text        not null,
  cancelled_by  text,
  problem       jsonb,
  fence         bigint      not null default 0, -- raised by every claim; a checkpoint under an older one is refused
  last_event_id bigint      not null default 0,
  created_at    timestamptz not null default clock_timestamp(),
  started_at    timestamptz,
  finished_at   timestamptz
);

create index job_newest_first on job (created_at desc, id desc);

create table job_server (
  job_id     uuid    not null references job (id) on delete cascade,
  server_id  uuid    not null references server (id) on delete cascade,
  unfinished boolean not null default true,
  primary key (job_id, server_id)
);

-- A server is in one unfinished job at most.
create unique index job_server_unfinished on job_server (server_id) where unfinished;

create table job_step (
  job_id      uuid    not null references job (id) on delete cascade,
  position    integer not null,
  server      text    not null, -- its name when the job was accepted
  kind        text    not null,
  description text    not null,
  state       text    not null,
  observed    jsonb   not null,
  problem     jsonb,
  undo        bytea,
  started_at  timestamptz,
  finished_at timestamptz,
  primary key (job_id, position)
);

create table job_event (
  job_id uuid        not null references job (id) on delete cascade,
  id     bigint      not null,
  time   timestamptz not null default clock_timestamp(),
  type   text        not null,
  actor  text        not null,
  data   jsonb       not null,
  primary key (job_id, id)
);

-- The table of db-scheduler 16.12 (its postgresql_tables.sql); a row is inserted together with its job.
create table scheduled_tasks (
  task_name            text        not null,
  task_instance        text        not null,
  task_data            bytea,
  execution_time       timestamptz not null,
  picked               boolean     not null,
  picked_by            text,
  last_success         timestamptz,
  last_failure         timestamptz,
  consecutive_failures integer,
  last_heartbeat       timestamptz,
  version              bigint      not null,
  priority             smallint,
  primary key (task_name, task_instance)
);

create index scheduled_tasks_execution_time on scheduled_tasks (execution_time);
create index scheduled_tasks_last_heartbeat on scheduled_tasks (last_heartbeat);

-- What the last scan of each server saw, and who is told when that changes.

alter table server
  add column operated_at timestamptz; -- when pgseal last began or ended a change of it

create table posture (
  server_id             uuid primary key references server (id) on delete cascade,
  grade                 text        not null,
  mode                  text        not null,
  reachable             boolean     not null,
  plaintext_sessions    integer,              -- null: not known
  certificate_not_after timestamptz,
  codes                 jsonb       not null, -- of the findings, each once, the worst first
  report                jsonb       not null,
  settings              jsonb,                -- as they were when pgseal had last changed something
  settings_at           timestamptz,
  scanned_at            timestamptz not null
);

create index posture_codes on posture using gin (codes jsonb_path_ops);

-- One scan of a server at a time; a lease that runs out when its holder died.
create table posture_scan (
  server_id  uuid primary key references server (id) on delete cascade,
  claim      uuid        not null,
  claimed_at timestamptz not null,
  expires_at timestamptz not null
);

create table webhook (
  id                uuid primary key,
  name              text        not null unique,
  url               text        not null,
  secret            bytea       not null, -- sealed
  server_labels     jsonb       not null, -- empty: all servers
  events            jsonb       not null,
  created_by        text        not null,
  created_at        timestamptz not null,
  last_delivered_at timestamptz,
  failing_since     timestamptz,
  disabled_at       timestamptz,
  disabled_reason   text
);

-- The outbox: written together with what it tells of.
create table webhook_delivery (
  id              uuid primary key,
  webhook_id      uuid        not null references webhook (id) on delete cascade,
  sequence        bigint      not null generated always as identity,
  event           text        not null,
  body            text        not null,
  state           text        not null default 'PENDING',
  attempts        integer     not null default 0,
  created_at      timestamptz not null default clock_timestamp(),
  last_attempt_at timestamptz,
  next_attempt_at timestamptz,
  last_status     integer,
  last_problem    text
);

create index webhook_delivery_order on webhook_delivery (webhook_id, sequence);
create index webhook_delivery_pending on webhook_delivery (webhook_id, sequence)
  where state = 'PENDING';

-- A step may be about no single server.
alter table job_step alter column server drop not null;

-- How a server's certificate is renewed, and how that goes.
create table renewal (
  server_id        uuid primary key references server (id) on delete cascade,
  enabled          boolean          not null default true,
  renew_at         double precision not null default 0.66666667, -- fraction of the certificate's life
  authority        text references authority (name),             -- null: not issued by us, only watched
  key_type         text             not null,
  validity_seconds bigint           not null,
  failures         integer          not null default 0,          -- in a row
  failures_total   bigint           not null default 0,
  last_problem     text,
  last_attempt_at  timestamptz,
  last_renewed_at  timestamptz,
  next_attempt_at  timestamptz,
  job_id           uuid                                          -- the last one
);

-- What the last look at each server's handshake showed.
create table served_certificate (
  server_id   uuid primary key references server (id) on delete cascade,
  fingerprint text        not null,
  issuer      text        not null,
  not_before  timestamptz not null,
  not_after   timestamptz not null,
  observed_at timestamptz not null
);

-- Servers whose ssl_ca_file is that of one of our authorities.
create table client_trust (
  server_id    uuid primary key references server (id) on delete cascade,
  authority    text        not null references authority (name),
  crl_sha256   text,                    -- of the CRL file last proved to be loaded there
  attempted_at timestamptz,             -- the last attempt to bring a CRL there
  since        timestamptz not null default now()
);

-- The other generation of an authority while it is being rotated.
create table authority_rotation (
  authority         text primary key references authority (name),
  certificate_chain text        not null, -- PEM, the certificate itself first
  private_key       bytea       not null, -- sealed as in authority
  key_type          text        not null,
  promoted          boolean     not null default false, -- true: this is the old generation
  began_at          timestamptz not null default now()
);

create table revoked_certificate (
  authority      text        not null references authority (name),
  issuer         text        not null, -- fingerprint of the certificate that signed it
  serial         text        not null, -- lower-case hex
  certificate_id uuid,
  not_after      timestamptz not null,
  revoked_at     timestamptz not null,
  reason         text        not null,
  revoked_by     text        not null,
  primary key (issuer, serial)
);

create index revoked_certificate_id on revoked_certificate (certificate_id);

-- The latest CRL of each generation of an authority.
create table revocation_list (
  issuer      text primary key,     -- fingerprint of the certificate that signed it
  authority   text        not null references authority (name),
  number      bigint      not null, -- grows with each CRL of the authority
  der         bytea       not null,
  this_update timestamptz not null,
  next_update timestamptz not null,
  canary_chain text       not null, -- a client certificate made to be revoked in this CRL
  canary_key   bytea      not null  -- sealed
);

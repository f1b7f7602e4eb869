-- Authorities of every kind with their policies; what they issued, to whom, and where it lies.

alter table authority
  alter column certificate_chain drop not null, -- absent while PENDING, and for an issuer outside
  add column kind            text  not null default 'ROOT',
  add column state           text  not null default 'ACTIVE',
  add column parent          text  references authority (name),
  add column policy          jsonb not null default '{"maxValidity": "PT19800H", "keyTypes": [], "permittedNames": []}',
  add column accepted        jsonb not null default '["SIGNATURE_WITHOUT_CHANNEL_BINDING"]',
  add column signing_request text,  -- PEM, of a PENDING one
  add column settings        jsonb not null default '{}', -- of an issuer outside; nothing secret
  add column trust_bundle    text;  -- PEM of what clients trust, when that is not the chain's root

-- the defaults above are for the rows of the first release alone
alter table authority
  alter column accepted set default '[]';

create index authority_parent on authority (parent) where parent is not null;

alter table certificate
  add column purpose           text not null default 'SERVER',
  add column subject           text not null default '', -- RFC 2253
  add column requested_by      text, -- null when it came with an installation
  add column revoked_at        timestamptz,
  add column revocation_reason text;

create index certificate_newest_first on certificate (created_at desc, id desc);
create index certificate_authority on certificate (authority, created_at desc);
create index certificate_fingerprint on certificate (fingerprint);
-- one issuer never gives a serial number twice (RFC 5280 4.1.2.2); outside issuers and provided ones may
create index certificate_serial on certificate (authority, serial);

-- What pgseal put where; the server itself is asked what lies there now.
create table certificate_installation (
  certificate_id uuid        not null references certificate (id) on delete cascade,
  server_id      uuid        not null references server (id) on delete cascade,
  generation     text        not null, -- name of the directory
  directory      text        not null, -- absolute path on the server
  installed_at   timestamptz not null,
  primary key (server_id, generation)
);

create index certificate_installation_certificate on certificate_installation (certificate_id);

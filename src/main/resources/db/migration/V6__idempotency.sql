-- Requests that were sent with an Idempotency-Key, and what was answered.
create table idempotent_request (
  caller      text        not null,
  key         text        not null,
  claim       uuid        not null unique, -- of the run that answers, or has answered
  fingerprint bytea       not null,        -- of the request; sealed, as the request may hold a password
  lease_until timestamptz,                 -- renewed while the request runs; null once it was answered
  answer      bytea,                       -- status, headers and body, sealed
  expires_at  timestamptz not null,
  primary key (caller, key),
  check ((lease_until is null) = (answer is not null))
);

create index idempotent_request_expiry on idempotent_request (expires_at);

-- What a token may do, and with which servers.

alter table api_token
  add column roles         jsonb not null default '["ADMIN"]', -- tokens of before could do everything
  add column server_labels jsonb not null default '{}',        -- empty: good for every server
  add column last_used_at  timestamptz,                        -- to within ten minutes
  add constraint api_token_has_a_role check (roles <> '[]'),
  add constraint api_token_admin_of_the_fleet
    check (not (roles @> '["ADMIN"]') or server_labels = '{}');

alter table api_token
  alter column roles drop default;

-- Who did what: an entry for every change, written when the transaction of the change commits, and
-- chained by hashes. Triggers write it, so that no code path can forget it, and what cannot be
-- recorded is not done. Nobody updates or deletes an entry.

create table audit_entry (
  number     bigint primary key, -- 1, 2, 3 … without gaps, in the order of the commits
  entry      text   not null,    -- JSON; what is hashed
  hash       bytea  not null,    -- SHA-256 of the hash before, followed by the entry in UTF-8
  -- parts of the entry, to find it by; a time is ISO-8601 in UTC with microseconds, so its order is that of text
  time       text   not null generated always as (entry::jsonb ->> 'time') stored,
  actor      text   not null generated always as (entry::jsonb ->> 'actor') stored,
  action     text   not null generated always as (entry::jsonb ->> 'action') stored,
  resource   text   not null generated always as (entry::jsonb ->> 'resource') stored,
  server     text   generated always as (entry::jsonb ->> 'server') stored,
  request_id text   generated always as (entry::jsonb ->> 'requestId') stored,
  job        text   generated always as (entry::jsonb ->> 'job') stored
);

create index audit_entry_time on audit_entry (time);
create index audit_entry_actor on audit_entry (actor, number);
create index audit_entry_resource on audit_entry (resource, number);
create index audit_entry_server on audit_entry (server, number) where server is not null;
create index audit_entry_request on audit_entry (request_id) where request_id is not null;
create index audit_entry_job on audit_entry (job, number) where job is not null;

-- The end of the chain; its row lock puts commits in order.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  number   bigint not null,
  hash     bytea  not null
);
insert into audit_head (number, hash) values (0, sha256('pgseal audit'));

-- From time to time the end of the chain is sealed under the key set, which is not in this database:
-- who can write here but has no key set cannot write another history.
create table audit_seal (
  number bigint primary key,
  seal   bytea not null
);

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'entries of % are neither changed nor deleted', tg_table_name;
end $$;

create trigger audit_entry_append_only before update or delete or truncate on audit_entry
  for each statement execute function audit_refuse();
create trigger audit_seal_append_only before update or delete or truncate on audit_seal
  for each statement execute function audit_refuse();

-- Appends one entry. Who acts is in settings of the transaction (dev.pgseal.store.ActorTransactions);
-- a change made by hand is the session's role's.
create function audit_append(
  action text, resource text, server text, before jsonb, after jsonb
) returns bigint language plpgsql as $$
declare
  head   audit_head;
  entry  text;
begin
  update audit_head set number = audit_head.number + 1 returning * into strict head;
  entry := jsonb_strip_nulls(jsonb_build_object(
    'number', head.number,
    'time', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', coalesce(nullif(current_setting('pgseal.actor', true), ''), 'sql:' || session_user),
    'origin', coalesce(nullif(current_setting('pgseal.origin', true), ''),
                       case when coalesce(current_setting('pgseal.actor', true), '') = ''
                            then host(inet_client_addr()) end),
    'requestId', nullif(current_setting('pgseal.request_id', true), ''),
    'job', nullif(current_setting('pgseal.job', true), ''),
    'action', action,
    'resource', resource,
    'server', server,
    'before', before,
    'after', after))::text;
  head.hash := sha256(head.hash || convert_to(entry, 'UTF8'));
  update audit_head set hash = head.hash;
  insert into audit_entry (number, entry, hash) values (head.number, entry, head.hash);
  return head.number;
end $$;

-- The name of what a row is about, as paths of the API have it.
create function audit_resource(relation name, shown jsonb, server text) returns text
language sql stable as $$
  select case relation
    when 'api_token' then 'tokens/' || (shown ->> 'name')
    when 'server' then 'servers/' || (shown ->> 'name')
    when 'webhook' then 'webhooks/' || (shown ->> 'name')
    when 'authority' then 'authorities/' || (shown ->> 'name')
    when 'authority_rotation' then 'authorities/' || (shown ->> 'authority')
    when 'revocation_list' then 'authorities/' || (shown ->> 'authority') || '/crl'
    when 'revoked_certificate' then
      'certificates/' || coalesce(shown ->> 'certificate_id', shown ->> 'serial')
    when 'certificate' then 'certificates/' || (shown ->> 'id')
    when 'certificate_installation' then
      'servers/' || server || '/certificates/' || (shown ->> 'certificate_id')
    when 'hba_revision' then 'servers/' || server || '/hba'
    when 'renewal' then 'servers/' || server || '/renewal'
    when 'client_trust' then 'servers/' || server || '/client-authentication'
    when 'job' then 'jobs/' || (shown ->> 'id')
    when 'job_step' then 'jobs/' || (shown ->> 'job_id') || '/steps/' || (shown ->> 'position')
    else relation || '/' || coalesce(shown ->> 'name', shown ->> 'id', '')
  end
$$;

-- Fires at commit, for each row. Its first argument names columns that are not told, because they
-- are observations and no changes, or are long and public. Columns of type bytea hold sealed
-- secrets and hashes: that they changed is told, what they hold is not.
create function audit_change() returns trigger language plpgsql as $$
declare
  untold text[] := string_to_array(coalesce(tg_argv[0], ''), ' ');
  sealed text[];
  before jsonb  := case when tg_op = 'INSERT' then null else to_jsonb(old) - untold end;
  after  jsonb  := case when tg_op = 'DELETE' then null else to_jsonb(new) - untold end;
  shown  jsonb  := coalesce(after, before);
  server text;
begin
  if before = after then
    return null;
  end if;
  if tg_table_name = 'server' then
    server := shown ->> 'name';
  elsif tg_table_name = 'job_step' then
    server := shown ->> 'server';
  elsif shown ->> 'server_id' is not null then
    select s.name into server from server s where s.id = (shown ->> 'server_id')::uuid;
    if server is null and tg_op = 'DELETE' then
      return null; -- went with its server, and that has its entry
    end if;
  end if;
  select coalesce(array_agg(attname), '{}') into sealed from pg_attribute
    where attrelid = tg_relid and atttypid = 'bytea'::regtype and attnum > 0;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(key, case when key = any(sealed) then to_jsonb('(sealed)'::text) else value end)
      into before from jsonb_each(before) where value is distinct from after -> key;
    select jsonb_object_agg(key, case when key = any(sealed) then to_jsonb('(sealed, another)'::text) else value end)
      into after from jsonb_each(after) where before ? key;
  else
    select jsonb_object_agg(key, case when key = any(sealed) and value <> 'null' then to_jsonb('(sealed)'::text) else value end)
      into after from jsonb_each(after);
    select jsonb_object_agg(key, case when key = any(sealed) and value <> 'null' then to_jsonb('(sealed)'::text) else value end)
      into before from jsonb_each(before);
  end if;
  perform audit_append(
    tg_table_name || '.' || lower(tg_op), audit_resource(tg_table_name, shown, server), server, before, after);
  return null;
end $$;

create constraint trigger audit after insert or update or delete on api_token
  deferrable initially deferred for each row execute function audit_change('last_used_at');
create constraint trigger audit after insert or update or delete on server
  deferrable initially deferred for each row execute function audit_change('updated_at operated_at');
create constraint trigger audit after insert or update or delete on authority
  deferrable initially deferred for each row execute function audit_change();
create constraint trigger audit after insert or update or delete on authority_rotation
  deferrable initially deferred for each row execute function audit_change();
create constraint trigger audit after insert or update or delete on certificate
  deferrable initially deferred for each row execute function audit_change('pem');
create constraint trigger audit after insert or update or delete on certificate_installation
  deferrable initially deferred for each row execute function audit_change();
create constraint trigger audit after insert or update or delete on revoked_certificate
  deferrable initially deferred for each row execute function audit_change();
create constraint trigger audit after insert or update or delete on revocation_list
  deferrable initially deferred for each row execute function audit_change('der canary_chain canary_key');
create constraint trigger audit after insert or update or delete on hba_revision
  deferrable initially deferred for each row execute function audit_change();
create constraint trigger audit after insert or update or delete on client_trust
  deferrable initially deferred for each row execute function audit_change('attempted_at');
create constraint trigger audit after insert or update or delete on renewal
  deferrable initially deferred for each row execute function audit_change(
    'failures failures_total last_problem last_attempt_at last_renewed_at next_attempt_at job_id');
create constraint trigger audit after insert or update or delete on job
  deferrable initially deferred for each row execute function audit_change(
    'fence last_event_id started_at');
create constraint trigger audit after update of state on job_step
  deferrable initially deferred for each row execute function audit_change(
    'undo started_at finished_at');

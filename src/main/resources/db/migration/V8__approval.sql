-- Rollouts that a second person has to approve.

alter table job
  add column requester_made_by jsonb not null default '[]', -- who made the requester's token, and the maker's …
  add column approved_by       text,
  add column approved_at       timestamptz;

-- The makers of a token as they were when it was made: a name may be given to another token later.
alter table api_token add column made_by jsonb not null default '[]';

-- Tokens of before: as far as their makers are still there.
with recursive made (name, maker, depth) as (
  select name, created_by, 1 from api_token where created_by <> 'pgseal'
  union
  select made.name, t.created_by, made.depth + 1
  from made join api_token t on t.name = made.maker
  where t.created_by <> 'pgseal' and made.depth < 100
)
update api_token set made_by = makers.names
from (select name, jsonb_agg(maker order by depth) as names from made group by name) as makers
where makers.name = api_token.name;

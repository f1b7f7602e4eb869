-- Jobs that somebody paused. Set from the request on; the state is PAUSED once no step runs any more.

alter table job
  add column paused_by text,
  add column paused_at timestamptz;

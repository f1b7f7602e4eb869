-- The trace of the request that asked for the job (W3C Trace Context, traceparent), so that the
-- job's steps are seen in it, whichever replica runs them.

alter table job add column trace_parent text;

-- A step that has to wait for a time: until then nobody claims its job.

alter table job_step add column resume_at timestamptz;

-- A job that was cancelled with undo=false: what it has proved stays.

alter table job add column cancel_keeps boolean not null default false;

-- What plaintext the last conversion of a server's rules to TLS only was asked to spare. Without it
-- an exception that was asked for could not be told from a hole.

create table hba_exemption (
  server_id uuid not null references server (id) on delete cascade,
  exemption text not null,
  primary key (server_id, exemption)
);

create constraint trigger audit after insert or update or delete on hba_exemption
  deferrable initially deferred for each row execute function audit_change();

-- Webhooks are recorded as everything else that is configured; how deliveries go is an observation.

create constraint trigger audit after insert or update or delete on webhook
  deferrable initially deferred for each row execute function audit_change('last_delivered_at failing_since');

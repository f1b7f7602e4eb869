package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.webhook.Delivery;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import dev.pgseal.webhook.WebhookSecret;
import dev.pgseal.webhook.WebhookStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Webhooks in the control database; their secrets sealed. */
@ApplicationScoped
class JdbiWebhookStore implements WebhookStore {

  private static final String CLAIM =
      """
      update webhook_delivery d set attempts = d.attempts + 1,
        next_attempt_at = clock_timestamp() + make_interval(secs => :seconds)
      from (select oldest.id from (
              select distinct on (o.webhook_id) o.id, o.next_attempt_at
              from webhook_delivery o join webhook w on w.id = o.webhook_id
              where o.state = 'PENDING' and w.disabled_at is null
              order by o.webhook_id, o.sequence) oldest
            where oldest.next_attempt_at <= clock_timestamp()
            order by oldest.next_attempt_at limit :limit) due
      where d.id = due.id and d.state = 'PENDING' and d.next_attempt_at <= clock_timestamp()
      returning d.*
      """;

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiWebhookStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  private static String context(UUID id) {
    return "webhook/" + id + "/secret";
  }

  @Override
  public void insert(Webhook webhook, WebhookSecret secret) {
    int inserted =
        jdbi.inTransaction(
            handle ->
                handle
                    .createUpdate(
                        """
                        insert into webhook (id, name, url, secret, server_labels, events,
                          created_by, created_at)
                        values (:id, :name, :url, :secret, cast(:labels as jsonb),
                          cast(:events as jsonb), :createdBy, :createdAt)
                        on conflict (name) do nothing
                        """)
                    .bind("id", webhook.id())
                    .bind("name", webhook.name())
                    .bind("url", webhook.url().toString())
                    .bind("secret", secrets.seal(secret.bytes(), context(webhook.id())))
                    .bind("labels", Columns.json(webhook.serverLabels()))
                    .bind("events", Columns.json(webhook.events()))
                    .bind("createdBy", webhook.createdBy())
                    .bind("createdAt", Columns.timestamp(webhook.createdAt()))
                    .execute());
    if (inserted == 0) {
      throw new PgsealException(
          ProblemType.NAME_TAKEN, "There is already a webhook named " + webhook.name());
    }
  }

  @Override
  public Optional<Webhook> find(String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from webhook where name = :name")
                .bind("name", name)
                .map(WebhookRows::webhook)
                .findOne());
  }

  @Override
  public List<Webhook> list(@Nullable String afterName, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from webhook where name > :after order by name limit :limit")
                .bind("after", afterName == null ? "" : afterName)
                .bind("limit", limit)
                .map(WebhookRows::webhook)
                .list());
  }

  @Override
  public boolean delete(UUID id) {
    return jdbi.inTransaction(handle -> handle.execute("delete from webhook where id = ?", id))
        == 1;
  }

  @Override
  public WebhookSecret secret(UUID id) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select secret from webhook where id = :id")
                    .bind("id", id)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(WebhookRows::gone));
    return WebhookSecret.ofBytes(secrets.open(sealed, context(id)));
  }

  @Override
  public Delivery addPing(UUID webhookId, String body) {
    // FAILED until it is known better: nobody else is to send it
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    insert into webhook_delivery
                      (id, webhook_id, event, body, state, attempts, last_problem)
                    select gen_random_uuid(), id, :event, :body, 'FAILED', 1, 'not answered yet'
                    from webhook where id = :webhook
                    returning *
                    """)
                .bind("webhook", webhookId)
                .bind("event", WebhookEvent.PING.name())
                .bind("body", body)
                .map(WebhookRows::delivery)
                .findOne()
                .orElseThrow(WebhookRows::gone));
  }

  @Override
  public List<Delivery> deliveries(UUID webhookId, @Nullable UUID beforeId, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from webhook_delivery
                    where webhook_id = :webhook and (cast(:before as uuid) is null or sequence <
                      (select sequence from webhook_delivery where id = cast(:before as uuid)))
                    order by sequence desc limit :limit
                    """)
                .bind("webhook", webhookId)
                .bind("before", beforeId)
                .bind("limit", limit)
                .map(WebhookRows::delivery)
                .list());
  }

  @Override
  public List<Due> claimDue(Duration lease, int limit) {
    record Claimed(UUID webhook, Delivery delivery) {}
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(CLAIM)
                .bind("seconds", lease.toSeconds())
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Claimed(
                            Columns.uuid(row, "webhook_id"), WebhookRows.delivery(row, context)))
                .list()
                .stream()
                .flatMap(
                    claimed ->
                        WebhookRows.byId(handle, claimed.webhook())
                            .map(webhook -> new Due(webhook, claimed.delivery()))
                            .stream())
                .toList());
  }

  @Override
  public Delivery delivered(UUID webhookId, UUID deliveryId, int status, Instant at) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  """
                  update webhook set last_delivered_at = :at, failing_since = null,
                    disabled_at = null, disabled_reason = null
                  where id = :webhook
                  """)
              .bind("webhook", webhookId)
              .bind("at", Columns.timestamp(at))
              .execute();
          return WebhookRows.ended(handle, deliveryId, "DELIVERED", status, null, at, null);
        });
  }

  @Override
  public Delivery failed(
      UUID webhookId,
      UUID deliveryId,
      @Nullable Integer status,
      String problem,
      Instant at,
      @Nullable Instant nextAttemptAt) {
    return jdbi.inTransaction(
        handle -> {
          if (nextAttemptAt != null) {
            handle
                .createUpdate(
                    """
                    update webhook set failing_since = coalesce(failing_since, :at)
                    where id = :webhook
                    """)
                .bind("webhook", webhookId)
                .bind("at", Columns.timestamp(at))
                .execute();
          }
          String state = nextAttemptAt == null ? "FAILED" : "PENDING";
          return WebhookRows.ended(handle, deliveryId, state, status, problem, at, nextAttemptAt);
        });
  }

  @Override
  public Optional<Instant> failingSince(UUID webhookId) {
    return jdbi.withHandle(
        handle -> WebhookRows.byId(handle, webhookId).map(Webhook::failingSince));
  }

  @Override
  public void disable(UUID webhookId, String reason, Instant at) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "update webhook set disabled_at = ?, disabled_reason = ? where id = ?",
                Columns.timestamp(at),
                reason,
                webhookId));
  }

  @Override
  public void forgetBefore(Instant time) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "delete from webhook_delivery where state <> 'PENDING' and created_at < ?",
                Columns.timestamp(time)));
  }
}

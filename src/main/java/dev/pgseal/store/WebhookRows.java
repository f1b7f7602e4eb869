package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.webhook.Delivery;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Rows of {@code webhook} and {@code webhook_delivery}. */
final class WebhookRows {

  private static final TypeReference<List<WebhookEvent>> EVENTS = new TypeReference<>() {};

  private WebhookRows() {}

  static Optional<Webhook> byId(Handle handle, UUID id) {
    return handle
        .createQuery("select * from webhook where id = :id")
        .bind("id", id)
        .map(WebhookRows::webhook)
        .findOne();
  }

  static Delivery ended(
      Handle handle,
      UUID deliveryId,
      String state,
      @Nullable Integer status,
      @Nullable String problem,
      Instant at,
      @Nullable Instant next) {
    return handle
        .createQuery(
            """
            update webhook_delivery set state = :state, last_status = :status,
              last_problem = :problem, last_attempt_at = :at, next_attempt_at = :next
            where id = :delivery
            returning *
            """)
        .bind("delivery", deliveryId)
        .bind("state", state)
        .bind("status", status)
        .bind("problem", problem)
        .bind("at", Columns.timestamp(at))
        .bind("next", Columns.timestamp(next))
        .map(WebhookRows::delivery)
        .findOne()
        .orElseThrow(WebhookRows::gone);
  }

  static PgsealException gone() {
    return new PgsealException(ProblemType.NOT_FOUND, "The webhook was deleted");
  }

  static Webhook webhook(ResultSet row, StatementContext context) throws SQLException {
    return new Webhook(
        Columns.uuid(row, "id"),
        row.getString("name"),
        URI.create(row.getString("url")),
        Columns.json(row, "server_labels", Columns.STRINGS_BY_NAME),
        Columns.json(row, "events", EVENTS),
        row.getString("created_by"),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "last_delivered_at"),
        Columns.instantOrNull(row, "failing_since"),
        Columns.instantOrNull(row, "disabled_at"),
        row.getString("disabled_reason"));
  }

  static Delivery delivery(ResultSet row, StatementContext context) throws SQLException {
    return new Delivery(
        Columns.uuid(row, "id"),
        WebhookEvent.valueOf(row.getString("event")),
        row.getString("body"),
        Delivery.State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "last_attempt_at"),
        Columns.instantOrNull(row, "next_attempt_at"),
        row.getObject("last_status", Integer.class),
        row.getString("last_problem"));
  }
}

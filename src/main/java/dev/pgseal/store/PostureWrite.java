package dev.pgseal.store;

import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.GradeChange;
import dev.pgseal.posture.Posture;
import dev.pgseal.posture.PostureFinding;
import dev.pgseal.posture.PostureScan;
import dev.pgseal.posture.PostureStore.Outcome;
import dev.pgseal.webhook.WebhookEvent;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Keeps a posture, inside one transaction. */
final class PostureWrite {

  /** The settings of the first scan after a change by pgseal are what later ones are held to. */
  private static final String UPSERT =
      """
      insert into posture as p (server_id, grade, mode, reachable, plaintext_sessions,
        certificate_not_after, codes, report, settings, settings_at, scanned_at)
      values (:server, :grade, :mode, :reachable, :sessions, :notAfter, cast(:codes as jsonb),
        cast(:report as jsonb), cast(:settings as jsonb),
        case when :settings is not null then cast(:claimedAt as timestamptz) end, :scannedAt)
      on conflict (server_id) do update set grade = excluded.grade, mode = excluded.mode,
        reachable = excluded.reachable, plaintext_sessions = excluded.plaintext_sessions,
        certificate_not_after = excluded.certificate_not_after, codes = excluded.codes,
        report = excluded.report, scanned_at = excluded.scanned_at,
        settings = case when :keep or excluded.settings is null then p.settings
          else excluded.settings end,
        settings_at = case when :keep or excluded.settings is null then p.settings_at
          else excluded.settings_at end
      """;

  private PostureWrite() {}

  private record Before(
      String name,
      Map<String, String> labels,
      @Nullable Grade grade,
      boolean changed,
      boolean keepSettings) {}

  static Outcome write(Handle handle, UUID serverId, UUID claim, PostureScan.Scanned scanned) {
    Optional<OffsetDateTime> claimedAt =
        handle
            .createQuery(
                """
                delete from posture_scan where server_id = :server and claim = :claim
                returning claimed_at
                """)
            .bind("server", serverId)
            .bind("claim", claim)
            .mapTo(OffsetDateTime.class)
            .findOne();
    if (claimedAt.isEmpty()) {
      return Outcome.LOST;
    }
    Optional<Before> before = before(handle, serverId, claimedAt.get());
    if (before.isEmpty()) {
      return Outcome.LOST;
    }
    if (before.get().changed()
        || Conflicts.lockHolder(handle, serverId).isPresent()
        || Conflicts.activeJob(handle, serverId).isPresent()) {
      return Outcome.CHANGED_MEANWHILE;
    }
    upsert(handle, serverId, claimedAt.get(), before.get(), scanned);
    if (before.get().grade() != scanned.posture().grade()) {
      tell(handle, serverId, before.get(), scanned.posture());
    }
    return Outcome.KEPT;
  }

  /** Nobody begins to change or forgets the server before this transaction ends. */
  private static Optional<Before> before(Handle handle, UUID serverId, OffsetDateTime claimedAt) {
    return handle
        .createQuery(
            """
            select s.name, s.labels, p.grade,
              coalesce(s.operated_at >= :claimedAt, false) as changed,
              coalesce(p.settings_at > coalesce(s.operated_at, '-infinity'), false) as keep
            from server s left join posture p on p.server_id = s.id
            where s.id = :server for no key update of s
            """)
        .bind("server", serverId)
        .bind("claimedAt", claimedAt)
        .map(
            (row, context) ->
                new Before(
                    row.getString("name"),
                    Columns.json(row, "labels", Columns.STRINGS_BY_NAME),
                    row.getString("grade") == null ? null : Grade.valueOf(row.getString("grade")),
                    row.getBoolean("changed"),
                    row.getBoolean("keep")))
        .findOne();
  }

  private static void upsert(
      Handle handle,
      UUID serverId,
      OffsetDateTime claimedAt,
      Before before,
      PostureScan.Scanned scanned) {
    Posture posture = scanned.posture();
    handle
        .createUpdate(UPSERT)
        .bind("server", serverId)
        .bind("grade", posture.grade().name())
        .bind("mode", posture.mode().name())
        .bind("reachable", posture.reachable())
        .bind("sessions", posture.plaintextSessions().count())
        .bind(
            "notAfter",
            Columns.timestamp(
                posture.certificate() == null ? null : posture.certificate().notAfter()))
        .bind("codes", Columns.json(codes(posture)))
        .bind("report", Columns.json(posture))
        .bind("settings", scanned.settings().isEmpty() ? null : Columns.json(scanned.settings()))
        .bind("claimedAt", claimedAt)
        .bind("keep", before.keepSettings())
        .bind("scannedAt", Columns.timestamp(posture.scannedAt()))
        .execute();
  }

  private static List<FindingCode> codes(Posture posture) {
    return posture.findings().stream().map(PostureFinding::code).distinct().toList();
  }

  private static void tell(Handle handle, UUID serverId, Before before, Posture posture) {
    GradeChange change =
        new GradeChange(
            before.name(),
            before.labels(),
            before.grade(),
            posture.grade(),
            posture.mode(),
            codes(posture),
            posture.scannedAt());
    WebhookOutbox.put(
        handle, serverId, WebhookEvent.POSTURE_GRADE_CHANGED, Columns.json(change.event()));
  }
}

package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.Posture;
import dev.pgseal.posture.PostureQuery;
import dev.pgseal.posture.PostureScan;
import dev.pgseal.posture.PostureStore;
import dev.pgseal.posture.Proved;
import dev.pgseal.posture.ServerPosture;
import dev.pgseal.tls.SslState;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** {@link PostureStore} in the control database; its clock decides what was before what. */
@ApplicationScoped
class JdbiPostureStore implements PostureStore {

  private static final TypeReference<Posture> REPORT = new TypeReference<>() {};
  private static final TypeReference<List<FindingCode>> CODES = new TypeReference<>() {};

  /** A server that was never scanned is UNKNOWN, and is there. */
  private static final String SELECTED =
      """
      from server s left join posture p on p.server_id = s.id
      where s.labels @> cast(:labels as jsonb)
        and coalesce(p.grade, 'UNKNOWN') = coalesce(:grade, p.grade, 'UNKNOWN')
        and coalesce(p.codes, '["NOT_SCANNED"]') @> cast(:codes as jsonb)
      """;

  private static final String PROVED =
      """
      select
        (select c.fingerprint from certificate_installation i
           join certificate c on c.id = i.certificate_id
          where i.server_id = s.id order by i.installed_at desc limit 1) as certificate,
        (select r.sha256 from hba_revision r
          where r.server_id = s.id and r.kind <> 'FOUND'
          order by r.number desc limit 1) as rules,
        case when p.settings_at > coalesce(s.operated_at, '-infinity') then p.settings
          end as settings
      from server s left join posture p on p.server_id = s.id
      where s.id = :server
      """;

  private final Jdbi jdbi;

  JdbiPostureStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public Optional<UUID> claim(UUID serverId, Duration lease) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    insert into posture_scan as c (server_id, claim, claimed_at, expires_at)
                    select id, gen_random_uuid(), clock_timestamp(),
                      clock_timestamp() + make_interval(secs => :seconds)
                    from server where id = :server
                    on conflict (server_id) do update set claim = excluded.claim,
                      claimed_at = excluded.claimed_at, expires_at = excluded.expires_at
                    where c.expires_at <= clock_timestamp()
                    returning claim
                    """)
                .bind("server", serverId)
                .bind("seconds", lease.toSeconds())
                .mapTo(UUID.class)
                .findOne());
  }

  @Override
  public void release(UUID serverId, UUID claim) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "delete from posture_scan where server_id = ? and claim = ?", serverId, claim));
  }

  @Override
  public Optional<String> busy(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            Conflicts.lockHolder(handle, serverId)
                .or(() -> Conflicts.activeJob(handle, serverId))
                .map(Conflicts.Holder::operation));
  }

  @Override
  public Proved proved(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(PROVED)
                .bind("server", serverId)
                .map(
                    (row, context) ->
                        new Proved(
                            row.getString("certificate"),
                            row.getString("rules"),
                            row.getString("settings") == null
                                ? Map.of()
                                : Columns.json(row, "settings", Columns.STRINGS_BY_NAME)))
                .findOne()
                .orElse(new Proved(null, null, Map.of())));
  }

  @Override
  public Outcome save(UUID serverId, UUID claim, PostureScan.Scanned scanned) {
    return jdbi.inTransaction(handle -> PostureWrite.write(handle, serverId, claim, scanned));
  }

  @Override
  public Optional<Posture> find(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select report from posture where server_id = :server")
                .bind("server", serverId)
                .map((row, context) -> Columns.json(row, "report", REPORT))
                .findOne());
  }

  @Override
  public List<ServerPosture> list(PostureQuery query, @Nullable String afterName, int limit) {
    return jdbi.withHandle(
        handle ->
            bind(
                    handle.createQuery(
                        "select s.name, s.labels, p.* "
                            + SELECTED
                            + "and s.name > :afterName order by s.name limit :limit"),
                    query)
                .bind("afterName", afterName == null ? "" : afterName)
                .bind("limit", limit)
                .map(JdbiPostureStore::line)
                .list());
  }

  @Override
  public Map<Grade, Integer> summary(PostureQuery query) {
    Map<Grade, Integer> summary = new EnumMap<>(Grade.class);
    for (Grade grade : Grade.values()) {
      summary.put(grade, 0);
    }
    jdbi.useHandle(
        handle ->
            bind(
                    handle.createQuery(
                        "select coalesce(p.grade, 'UNKNOWN') as grade, count(*)::int as servers "
                            + SELECTED
                            + "group by 1"),
                    query)
                .map(
                    (row, context) ->
                        summary.put(Grade.valueOf(row.getString("grade")), row.getInt("servers")))
                .list());
    return summary;
  }

  private static Query bind(Query statement, PostureQuery query) {
    return statement
        .bind("labels", Columns.json(query.labels()))
        .bind("grade", query.grade() == null ? null : query.grade().name())
        .bind(
            "codes", Columns.json(query.finding() == null ? List.of() : List.of(query.finding())));
  }

  @Override
  public Set<UUID> silent() {
    return jdbi.withHandle(
        handle ->
            Set.copyOf(
                handle
                    .createQuery("select server_id from posture where not reachable")
                    .mapTo(UUID.class)
                    .list()));
  }

  private static ServerPosture line(ResultSet row, StatementContext context) throws SQLException {
    String grade = row.getString("grade");
    Map<String, String> labels = Columns.json(row, "labels", Columns.STRINGS_BY_NAME);
    if (grade == null) {
      return new ServerPosture(
          row.getString("name"),
          labels,
          Grade.UNKNOWN,
          SslState.Mode.UNKNOWN,
          false,
          null,
          null,
          List.of(FindingCode.NOT_SCANNED),
          null);
    }
    return new ServerPosture(
        row.getString("name"),
        labels,
        Grade.valueOf(grade),
        SslState.Mode.valueOf(row.getString("mode")),
        row.getBoolean("reachable"),
        row.getObject("plaintext_sessions", Integer.class),
        Columns.instantOrNull(row, "certificate_not_after"),
        Columns.json(row, "codes", CODES),
        Columns.instant(row, "scanned_at"));
  }
}

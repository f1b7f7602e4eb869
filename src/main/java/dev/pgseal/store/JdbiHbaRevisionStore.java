package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.HbaRevision;
import dev.pgseal.tls.HbaRevisionStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The versions of pg_hba.conf in the control database. */
@ApplicationScoped
class JdbiHbaRevisionStore implements HbaRevisionStore {

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiHbaRevisionStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public HbaRevision append(
      UUID serverId,
      String author,
      byte[] content,
      HbaRevision.Kind kind,
      String summary,
      List<Map<String, Object>> edits) {
    UUID id = UUID.randomUUID();
    byte[] sealed = secrets.seal(content, context(id, "content"));
    byte[] sealedEdits =
        secrets.seal(Columns.json(edits).getBytes(StandardCharsets.UTF_8), context(id, "edits"));
    return jdbi.inTransaction(
        handle -> {
          // numbers have no gaps: one writer per server at a time
          Conflicts.lockServer(handle, serverId);
          return handle
              .createQuery(
                  """
                  insert into hba_revision
                    (id, server_id, number, author, sha256, content, kind, summary, edits)
                  select :id, :server, coalesce(max(number), 0) + 1, :author, :sha256, :content,
                    :kind, :summary, :edits
                  from hba_revision where server_id = :server
                  returning id, server_id, number, author, created_at, sha256, kind, summary, edits
                  """)
              .bind("id", id)
              .bind("server", serverId)
              .bind("author", author)
              .bind("sha256", sha256(content))
              .bind("content", sealed)
              .bind("kind", kind.name())
              .bind("summary", summary)
              .bind("edits", sealedEdits)
              .map(this::revision)
              .one();
        });
  }

  @Override
  public List<HbaRevision> list(UUID serverId, @Nullable Integer beforeNumber, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select id, server_id, number, author, created_at, sha256, kind, summary, edits
                    from hba_revision where server_id = :server and number < :before
                    order by number desc limit :limit
                    """)
                .bind("server", serverId)
                .bind("before", beforeNumber == null ? Integer.MAX_VALUE : beforeNumber)
                .bind("limit", limit)
                .map(this::revision)
                .list());
  }

  @Override
  public Optional<HbaRevision> find(UUID serverId, int number) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select id, server_id, number, author, created_at, sha256, kind, summary, edits
                    from hba_revision where server_id = :server and number = :number
                    """)
                .bind("server", serverId)
                .bind("number", number)
                .map(this::revision)
                .findOne());
  }

  @Override
  public byte[] content(HbaRevision revision) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select content from hba_revision where id = :id")
                    .bind("id", revision.id())
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(
                        () ->
                            new PgsealException(
                                ProblemType.NOT_FOUND,
                                "Revision " + revision.number() + " was deleted")));
    return secrets.open(sealed, context(revision.id(), "content"));
  }

  private static String context(UUID id, String part) {
    return "hba-revision/" + id + "/" + part;
  }

  private HbaRevision revision(ResultSet row, StatementContext context) throws SQLException {
    UUID id = Columns.uuid(row, "id");
    byte[] edits = secrets.open(row.getBytes("edits"), context(id, "edits"));
    return new HbaRevision(
        id,
        Columns.uuid(row, "server_id"),
        row.getInt("number"),
        row.getString("author"),
        Columns.instant(row, "created_at"),
        row.getString("sha256"),
        HbaRevision.Kind.valueOf(row.getString("kind")),
        row.getString("summary"),
        Columns.parse(new String(edits, StandardCharsets.UTF_8), Columns.OBJECTS));
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

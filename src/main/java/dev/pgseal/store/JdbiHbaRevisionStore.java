package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.HbaNote;
import dev.pgseal.tls.HbaRevision;
import dev.pgseal.tls.HbaRevisionStore;
import dev.pgseal.tls.HbaTree;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The versions of pg_hba.conf in the control database. */
@ApplicationScoped
class JdbiHbaRevisionStore implements HbaRevisionStore {

  private static final TypeReference<StoredTree> TREE = new TypeReference<>() {};

  private static final String COLUMNS =
      "id, server_id, number, author, created_at, sha256, kind, summary, edits, files, restores";

  private static final String IDLE_MARK =
      """
      select coalesce(s.operated_at::text, '') || '/'
             || (select count(*) from hba_revision r where r.server_id = s.id)
      from server s
      where s.id = :server
        and not exists (select from hba_write w where w.server_id = s.id)
        and not exists (select from server_lock l
                        where l.server_id = s.id and l.expires_at > clock_timestamp())
      """;

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiHbaRevisionStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  /** The files beside the main one, whose content has a column of its own. */
  record StoredTree(String main, SortedMap<String, byte[]> others) {

    static StoredTree of(HbaTree tree) {
      SortedMap<String, byte[]> others = new TreeMap<>(tree.files());
      others.remove(tree.main());
      return new StoredTree(tree.main(), others);
    }

    HbaTree with(byte[] mainContent) {
      SortedMap<String, byte[]> files = new TreeMap<>(others);
      files.put(main, mainContent);
      return new HbaTree(main, files);
    }
  }

  @Override
  public HbaRevision append(UUID serverId, HbaTree tree, HbaNote note, List<String> files) {
    return jdbi.inTransaction(
        handle -> {
          // numbers have no gaps: one writer per server at a time
          Conflicts.lockServer(handle, serverId);
          JdbiHbaWrites.forget(handle, serverId);
          return insert(handle, serverId, tree, note, files);
        });
  }

  @Override
  public Optional<String> idleMark(UUID serverId) {
    return jdbi.withHandle(handle -> idleMark(handle, serverId));
  }

  private static Optional<String> idleMark(Handle handle, UUID serverId) {
    return handle.createQuery(IDLE_MARK).bind("server", serverId).mapTo(String.class).findOne();
  }

  @Override
  public void appendFound(
      UUID serverId, HbaTree tree, HbaNote note, List<String> files, String idleMark) {
    jdbi.useTransaction(
        handle -> {
          Conflicts.lockServer(handle, serverId);
          if (idleMark(handle, serverId).equals(Optional.of(idleMark))) {
            insert(handle, serverId, tree, note, files);
          }
        });
  }

  private HbaRevision insert(
      Handle handle, UUID serverId, HbaTree tree, HbaNote note, List<String> files) {
    UUID id = UUID.randomUUID();
    return handle
        .createQuery(
            """
            insert into hba_revision
              (id, server_id, number, author, sha256, content, kind, summary, edits, tree, files,
               restores)
            select :id, :server, coalesce(max(number), 0) + 1, :author, :sha256, :content, :kind,
              :summary, :edits, :tree, :files::jsonb, :restores
            from hba_revision where server_id = :server
            returning %s
            """
                .formatted(COLUMNS))
        .bind("id", id)
        .bind("server", serverId)
        .bind("author", note.author())
        .bind("sha256", tree.tag())
        .bind("content", secrets.seal(tree.mainContent(), context(id, "content")))
        .bind("kind", note.kind().name())
        .bind("summary", note.summary())
        .bind("edits", sealedJson(note.edits(), id, "edits"))
        .bind("tree", sealedJson(StoredTree.of(tree), id, "tree"))
        .bind("files", Columns.json(files))
        .bind("restores", note.restores())
        .map(this::revision)
        .one();
  }

  private byte[] sealedJson(Object value, UUID id, String part) {
    return secrets.seal(Columns.json(value).getBytes(StandardCharsets.UTF_8), context(id, part));
  }

  @Override
  public List<HbaRevision> list(UUID serverId, @Nullable Integer beforeNumber, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select %s from hba_revision where server_id = :server and number < :before
                    order by number desc limit :limit
                    """
                        .formatted(COLUMNS))
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
                    "select %s from hba_revision where server_id = :server and number = :number"
                        .formatted(COLUMNS))
                .bind("server", serverId)
                .bind("number", number)
                .map(this::revision)
                .findOne());
  }

  @Override
  public HbaTree tree(HbaRevision revision) {
    UUID id = revision.id();
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select content, tree from hba_revision where id = :id")
                .bind("id", id)
                .map((row, context) -> tree(id, row.getBytes("content"), row.getBytes("tree")))
                .findOne()
                .orElseThrow(
                    () ->
                        new PgsealException(
                            ProblemType.NOT_FOUND,
                            "Revision " + revision.number() + " was deleted")));
  }

  private HbaTree tree(UUID id, byte[] content, byte @Nullable [] others) {
    byte[] main = secrets.open(content, context(id, "content"));
    return others == null
        ? HbaTree.ofMain(main)
        : Columns.parse(opened(others, id, "tree"), TREE).with(main);
  }

  private String opened(byte[] sealed, UUID id, String part) {
    return new String(secrets.open(sealed, context(id, part)), StandardCharsets.UTF_8);
  }

  private static String context(UUID id, String part) {
    return "hba-revision/" + id + "/" + part;
  }

  private HbaRevision revision(ResultSet row, StatementContext context) throws SQLException {
    UUID id = Columns.uuid(row, "id");
    return new HbaRevision(
        id,
        Columns.uuid(row, "server_id"),
        row.getInt("number"),
        row.getString("author"),
        Columns.instant(row, "created_at"),
        row.getString("sha256"),
        HbaRevision.Kind.valueOf(row.getString("kind")),
        row.getString("summary"),
        Columns.parse(opened(row.getBytes("edits"), id, "edits"), Columns.OBJECTS),
        Columns.json(row, "files", Columns.STRINGS),
        row.getObject("restores", Integer.class));
  }
}

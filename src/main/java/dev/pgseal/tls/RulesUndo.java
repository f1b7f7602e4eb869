package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes a change of the rules ({@link RulesChange}) back later, maybe in another process: the files
 * that were there before come back byte for byte, unless somebody else has changed one since.
 */
@ApplicationScoped
public class RulesUndo {

  private final HbaLoader loader;
  private final HbaWriter writer;
  private final LoginProbe logins;

  public RulesUndo(HbaLoader loader, HbaWriter writer, LoginProbe logins) {
    this.loader = loader;
    this.writer = writer;
    this.logins = logins;
  }

  /**
   * Enough to put the previous files back in another process.
   *
   * @param previous main file, base64
   * @param included other files that were changed, base64 by path; null where none could be
   * @param writtenRules SHA-256 of what was written, without its sentinel
   * @param plaintextAdmitted whether a plaintext login was admitted before
   */
  public record Recorded(
      String previous,
      @Nullable Map<String, String> included,
      String writtenRules,
      boolean plaintextAdmitted) {

    Map<String, byte[]> includedFiles() {
      Map<String, byte[]> files = new TreeMap<>();
      if (included != null) {
        included.forEach((path, text) -> files.put(path, Base64.getDecoder().decode(text)));
      }
      return files;
    }

    byte[] mainFile() {
      return Base64.getDecoder().decode(previous);
    }

    boolean isOf(HbaDocument document) {
      Set<String> paths = includedFiles().keySet();
      return document.files().containsAll(paths)
          && rulesSha256(document, paths).equals(writtenRules);
    }
  }

  /** To be recorded before {@code prepared} is applied. */
  public Recorded of(ServerUnderChange change, RulesChange.Prepared prepared) {
    Map<String, byte[]> included = prepared.previous();
    byte[] main = included.remove(prepared.change().main());
    Map<String, String> encoded = new TreeMap<>();
    included.forEach((path, content) -> encoded.put(path, base64(content)));
    return new Recorded(
        base64(main == null ? prepared.candidate().bytes() : main),
        encoded,
        rulesSha256(prepared.candidate(), included.keySet()),
        logins.plaintext(change.login()).admitted());
  }

  private static String base64(byte[] content) {
    return Base64.getEncoder().encodeToString(content);
  }

  /** The rules that lie there now are those whose undo this is, sentinel or not. */
  public boolean isWritten(ServerUnderChange change, Recorded undo) {
    return undo.isOf(loader.load(change.session()).document());
  }

  /**
   * Puts the previous bytes back, exactly, and sees from outside that plaintext is treated as
   * before.
   *
   * @throws PgsealException {@code PRECONDITION_FAILED} when somebody changed a file meanwhile
   */
  public void run(ServerUnderChange change, Recorded undo) {
    HbaDocument now = loader.load(change.session()).document();
    TreeChange back = wayBack(change, now.mainFile(), undo);
    if (!back.files().isEmpty() && !undo.isOf(now)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              "pg_hba.conf was changed by somebody else since; it is left as it is")
          .hint("Compare it with <data_directory>/pgseal/hba/previous.conf and decide by hand");
    }
    if (!back.files().isEmpty()) {
      writer.write(change, back, null);
    }
    change.reload();
    writer.ended(change);
    change.fresh().close();
    boolean admitted = logins.plaintext(change.login()).admitted();
    if (admitted != undo.plaintextAdmitted()) {
      throw new PgsealException(
              ProblemType.HBA_NOT_TAKEN,
              "The previous pg_hba.conf is back, but plaintext is %s, unlike before"
                  .formatted(admitted ? "admitted" : "refused"))
          .hint("See the server log for 'was not reloaded'");
    }
  }

  private TreeChange wayBack(ServerUnderChange change, String main, Recorded undo) {
    Map<String, byte[]> previous = undo.includedFiles();
    previous.put(main, undo.mainFile());
    SortedMap<String, TreeChange.Replaced> files = new TreeMap<>();
    previous.forEach(
        (path, content) -> {
          byte[] present = writer.onDisk(change, path).orElse(new byte[0]);
          if (!Arrays.equals(present, content)) {
            files.put(path, new TreeChange.Replaced(present, content));
          }
        });
    return new TreeChange(main, files, Map.of());
  }

  /** Of the main file without its sentinel, and of others when some were changed. */
  private static String rulesSha256(HbaDocument document, Set<String> included) {
    String main = Fingerprints.sha256(HbaSentinel.remove(document).bytes());
    if (included.isEmpty()) {
      return main;
    }
    StringBuilder all = new StringBuilder(main);
    new TreeSet<>(included)
        .forEach(
            path ->
                all.append('\n')
                    .append(Fingerprints.sha256(document.bytes(path)))
                    .append("  ")
                    .append(path));
    return Fingerprints.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
  }
}

package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The generation line: a rejecting rule for a database that does not exist, whose name holds a
 * number. A plaintext login for exactly that database and user is answered {@code pg_hba.conf
 * rejects connection} if and only if this very file is loaded, whether {@code ssl} is on or off and
 * without a password.
 *
 * <p>It is always the first record of the main file, so that no other rule can answer in its place.
 */
public final class HbaSentinel {

  /** The database is this with the generation appended. */
  public static final String DATABASE_PREFIX = "pgseal_gen_";

  public static final String USER = "pgseal_probe";

  private static final String COMMENT =
      "# pgseal: tells from outside which generation of this file is loaded; keep it first";

  private static final Set<String> METHODS = Set.of("reject", "scram-sha-256");

  private HbaSentinel() {}

  /** The database that a probe for this generation asks for. */
  public static String database(long generation) {
    return DATABASE_PREFIX + generation;
  }

  /** The document with the line of this generation on top, and no other generation line. */
  public static HbaDocument put(HbaDocument document, long generation) {
    return put(document, generation, "reject");
  }

  /**
   * The same with another method, for rules that answer everybody's probe with a {@code reject} of
   * their own.
   *
   * @param method {@code reject} or {@code scram-sha-256}; no role of the probe's name exists, so
   *     neither lets anybody in
   */
  public static HbaDocument put(HbaDocument document, long generation, String method) {
    if (!METHODS.contains(method)) {
      throw new IllegalArgumentException(method);
    }
    HbaEditor.requireEditable(document, document.main());
    String text = "host " + database(generation) + " " + USER + " all " + method + " " + COMMENT;
    List<Located> entries = ofMainFile(document);
    if (isFirst(document, entries)) {
      TokenizedLine first = entries.get(0).source();
      List<Splice> splices = removals(entries.subList(1, entries.size()));
      splices.add(
          new Splice(document.mainFile(), first.line().start(), HbaEditor.bodyEnd(first), text));
      return Splice.apply(document, splices);
    }
    HbaDocument without = Splice.apply(document, removals(entries));
    int offset = FirstRecord.offset(without);
    return Splice.apply(without, List.of(HbaEditor.insertion(without.main(), offset, text)));
  }

  /** The generation line is there, and neither a rule nor an include stands above it. */
  private static boolean isFirst(HbaDocument document, List<Located> entries) {
    if (entries.isEmpty() || !isSentinel(entries.get(0).entry())) {
      return false;
    }
    int line = entries.get(0).source().line().number();
    return FirstRecord.includes(document).allMatch(include -> include > line);
  }

  /** The document without generation lines. */
  public static HbaDocument remove(HbaDocument document) {
    HbaEditor.requireEditable(document, document.main());
    return Splice.apply(document, removals(ofMainFile(document)));
  }

  /** The number in the first generation line. */
  public static OptionalLong generation(HbaDocument document) {
    return document.rules().stream()
        .filter(HbaSentinel::isSentinel)
        .mapToLong(HbaSentinel::number)
        .findFirst();
  }

  /** Whether this is pgseal's own line. */
  public static boolean isSentinel(HbaEntry entry) {
    return entry instanceof HbaRule rule
        && rule.type() == ConnectionType.HOST
        && METHODS.contains(rule.method())
        && rule.users().size() == 1
        && rule.users().get(0).text().equals(USER)
        && rule.databases().size() == 1
        && rule.databases().get(0).text().matches(DATABASE_PREFIX + "[0-9]{1,18}");
  }

  private static long number(HbaRule sentinel) {
    return Long.parseLong(sentinel.databases().get(0).text().substring(DATABASE_PREFIX.length()));
  }

  private static List<Located> ofMainFile(HbaDocument document) {
    return document.located().stream()
        .filter(located -> located.source().source().path().equals(document.mainFile()))
        .toList();
  }

  private static List<Splice> removals(List<Located> entries) {
    var splices = new ArrayList<Splice>();
    for (Located located : entries) {
      if (isSentinel(located.entry())) {
        LogicalLine line = located.source().line();
        splices.add(new Splice(located.source().source().path(), line.start(), line.end(), ""));
      }
    }
    return splices;
  }
}

package dev.pgseal.hba;

import dev.pgseal.hba.HbaDocument.Located;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Turns the rules to enforced TLS and back, by meaning: a rule that lets plaintext in lets in TLS
 * only, or the other way; a rule that rejects keeps its type, for {@code hostssl … reject} would
 * reject the wrong clients. All bytes but those of the lines concerned stay.
 */
public final class HbaConversion {

  private static final String DISABLED = "# disabled by pgseal, it admits plaintext only: ";

  /**
   * What a conversion did.
   *
   * @param edits from top to bottom
   * @param notes what it left or changed beside its aim, for people
   */
  public record Result(HbaDocument document, List<HbaEdit> edits, List<String> notes) {

    private Result requireLoadable() {
      if (!document.errors().isEmpty()) {
        throw new IllegalStateException("the conversion broke a line: " + document.errors().get(0));
      }
      if (document.refused()) {
        throw new PgsealException(
                ProblemType.LOCKOUT_RISK, "No rule would be left, so nobody could connect")
            .hint("Add a hostssl rule for those who shall come in by TLS.");
      }
      return this;
    }
  }

  private final HbaDocument document;
  private final ConversionOptions options;
  private final List<HbaEdit> edits = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> closedToGss = new ArrayList<>();
  private final List<Splice> splices = new ArrayList<>();

  /** Lines changed already: a file that is included twice brings each of them twice. */
  private final Set<String> changed = new HashSet<>();

  private HbaConversion(HbaDocument document, ConversionOptions options) {
    this.document = document;
    this.options = options;
  }

  private static void requireConvertible(HbaDocument document) {
    document.requireLoadable();
    HbaEditor.requireEditable(document, document.main());
  }

  /**
   * Rules that admit no plaintext over TCP (but from loopback, if so asked).
   *
   * @throws PgsealException HBA_INVALID when PostgreSQL would refuse the document as it is;
   *     HBA_NOT_EDITABLE when a rule that had to change cannot be reached; LOCKOUT_RISK when every
   *     rule admits plaintext and nothing else
   */
  public static Result enforce(HbaDocument document, ConversionOptions options) {
    requireConvertible(document);
    var conversion = new HbaConversion(document, options);
    if (options.strategy() == ConversionOptions.Strategy.GUARD) {
      conversion.guard();
    } else {
      conversion.rewrite();
    }
    return conversion.result().requireLoadable();
  }

  /**
   * Opens the rules for plaintext again: by {@link #takeBack} when there are earlier edits, else by
   * meaning, as for a server that was enforced by hand: {@code hostssl} that admits becomes {@code
   * host} unless it asks for a client certificate. Whoever knows that an earlier conversion changed
   * nothing calls {@code takeBack}.
   */
  public static Relaxed relax(HbaDocument document, List<HbaEdit> earlierEdits) {
    if (!earlierEdits.isEmpty()) {
      return takeBack(document, earlierEdits);
    }
    requireConvertible(document);
    var conversion = new HbaConversion(document, ConversionOptions.DEFAULT);
    conversion.relaxByMeaning();
    Result result = conversion.result();
    return new Relaxed(result.document(), result.edits(), List.of(), result.notes());
  }

  /**
   * Puts back what {@link #enforce} changed, line by line, whatever happened to other lines; a line
   * that was changed by hand meanwhile stays and is told in {@link Relaxed#conflicts()}. No edits,
   * no change.
   */
  public static Relaxed takeBack(HbaDocument document, List<HbaEdit> earlierEdits) {
    requireConvertible(document);
    return new EditReversal(document, earlierEdits).run();
  }

  /**
   * What the way back did.
   *
   * @param edits from top to bottom
   * @param conflicts earlier edits that could not be taken back
   * @param notes what it left, for people
   */
  public record Relaxed(
      HbaDocument document, List<HbaEdit> edits, List<Conflict> conflicts, List<String> notes) {}

  /** An earlier edit whose line is not there any more. */
  public record Conflict(HbaEdit edit, String reason) {}

  private Result result() {
    if (!closedToGss.isEmpty()) {
      notes.add(
          "Clients encrypted by GSSAPI, if there are any, are no longer admitted by "
              + String.join(", ", closedToGss));
    }
    HbaDocument after = Splice.apply(document, splices);
    return new Result(after, RemovedLine.place(edits, splices, after), List.copyOf(notes));
  }

  private void guard() {
    ProofOptions proof =
        options.loopback() == ConversionOptions.Loopback.KEEP
            ? ProofOptions.STRICT.withLoopbackExcepted()
            : ProofOptions.STRICT;
    if (HbaProof.plaintextDoors(document, proof).stream().noneMatch(HbaConversion::isOthers)) {
      notes.add("The rules shut plaintext out already; no guard is needed");
      return;
    }
    SourceFile main = document.main();
    int offset = FirstRecord.offset(document);
    int line = 1 + (int) main.content().substring(0, offset).chars().filter(c -> c == '\n').count();
    for (GuardBlock.Line added : GuardBlock.lines(document, options)) {
      splices.add(HbaEditor.insertion(main, offset, added.text()));
      edits.add(new HbaEdit(main.path(), line, "", added.text(), added.reason()));
    }
    if (options.gss() == ConversionOptions.Gss.DROP && document.dialect().gssapi()) {
      document.rules().stream()
          .filter(rule -> rule.admits() && rule.type().covers(Transport.GSS))
          .forEach(rule -> closedToGss.add(rule.place()));
    }
  }

  private static boolean isOthers(PlaintextDoor door) {
    return door.rule() == null || !HbaSentinel.isSentinel(door.rule());
  }

  private void rewrite() {
    for (Located located : document.located()) {
      if (located.entry() instanceof HbaUnread unread) {
        throw new PgsealException(
                ProblemType.HBA_NOT_EDITABLE,
                "line "
                    + unread.line()
                    + " refers to "
                    + unread.reference()
                    + ", whose rules may admit plaintext and were not read")
            .with("file", unread.file())
            .with("line", unread.line())
            .hint("Choose the strategy GUARD, or move those rules into the main file.");
      }
      if (located.entry() instanceof HbaRule rule
          && rule.admits()
          && !HbaSentinel.isSentinel(rule)) {
        rewrite(rule, located.source());
      }
    }
  }

  private void rewrite(HbaRule rule, TokenizedLine line) {
    if (!rule.type().covers(Transport.PLAINTEXT)) {
      return;
    }
    boolean keepLoopback = options.loopback() == ConversionOptions.Loopback.KEEP;
    if (keepLoopback && Loopback.coversOnly(rule.address())) {
      notes.add(rule.place() + " still admits plaintext, from loopback only");
      return;
    }
    var text = new RuleText(rule, line);
    var lines = new ArrayList<String>();
    if (keepLoopback) {
      for (String part : Loopback.part(rule.address())) {
        lines.add(text.copy(rule.type(), part, "pgseal: loopback as before"));
      }
    }
    lines.addAll(encrypted(rule, text));
    if (lines.isEmpty()) {
      String whole = line.source().raw(line.line());
      change(line, whole, "", "admits plaintext and never TLS");
    } else {
      change(line, text.unchanged(), String.join(line.source().lineEnd(), lines), reason(rule));
    }
  }

  /** What becomes of the rule where plaintext is not excepted. */
  private List<String> encrypted(HbaRule rule, RuleText text) {
    boolean gss = rule.type().covers(Transport.GSS);
    boolean keepGss =
        gss && options.gss() == ConversionOptions.Gss.KEEP && document.dialect().gssapi();
    if (gss && !keepGss && document.dialect().gssapi()) {
      closedToGss.add(rule.place());
    }
    if (rule.type() == ConnectionType.HOSTNOSSL) {
      if (keepGss) {
        return List.of(text.withType(ConnectionType.HOSTGSSENC));
      }
      return options.hostnossl() == ConversionOptions.Hostnossl.REMOVE
          ? List.of()
          : List.of(DISABLED + text.unchanged());
    }
    String tls = text.withType(ConnectionType.HOSTSSL);
    // the line itself comes last: at the end of the file it may end in a backslash
    return keepGss
        ? List.of(text.copy(ConnectionType.HOSTGSSENC, "pgseal: GSSAPI as before"), tls)
        : List.of(tls);
  }

  private static String reason(HbaRule rule) {
    return switch (rule.type()) {
      case HOSTNOSSL -> "admits plaintext and never TLS";
      case HOSTNOGSSENC -> "admits plaintext as well as TLS";
      default -> "admits plaintext";
    };
  }

  private void relaxByMeaning() {
    for (Located located : document.located()) {
      if (located.entry() instanceof HbaUnread unread) {
        notes.add(
            unread.file()
                + ":"
                + unread.line()
                + " refers to "
                + unread.reference()
                + ", which was not read");
      }
      if (located.entry() instanceof HbaRule rule) {
        relax(rule, located.source());
      }
    }
  }

  private void relax(HbaRule rule, TokenizedLine line) {
    if (!rule.admits()) {
      if (rule.type() == ConnectionType.HOSTNOSSL) {
        notes.add(rule.place() + " rejects plaintext and was left");
      }
      return;
    }
    if (rule.type() != ConnectionType.HOSTSSL) {
      return;
    }
    if (rule.needsClientCertificate() || rule.option("clientname").isPresent()) {
      notes.add(rule.place() + " needs a client certificate and stays for TLS only");
      return;
    }
    var text = new RuleText(rule, line);
    change(line, text.unchanged(), text.withType(ConnectionType.HOST), "admits TLS only");
  }

  private void change(TokenizedLine line, String before, String after, String reason) {
    HbaEditor.requireEditable(document, line.source());
    String file = line.source().path();
    int start = line.line().start();
    if (!changed.add(start + " " + file)) {
      return;
    }
    splices.add(new Splice(file, start, start + before.length(), after));
    edits.add(new HbaEdit(file, line.line().number(), before, after, reason));
  }
}

package dev.pgseal.api;

import dev.pgseal.hba.ConnectionAttempt;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaLint;
import dev.pgseal.hba.HbaProof;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.LintReport;
import dev.pgseal.hba.PlaintextDoor;
import dev.pgseal.hba.ProofOptions;
import dev.pgseal.hba.ProofVerdict;
import java.net.InetAddress;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Whether any plaintext TCP connection can be admitted, over the whole space of databases, users
 * and addresses.
 *
 * @param exceptLoopback whether plaintext from 127.0.0.0/8 and ::1 was allowed
 * @param witnesses ways in that are left open, from top to bottom, the first 1000
 * @param omittedWitnesses how many there are beside those that are told
 * @param unreachable rules that no connection ever reaches, the first 1000
 * @param omittedUnreachable how many there are beside those that are told
 */
@Schema(name = "HbaProof")
public record HbaProofView(
    ProofVerdict verdict,
    boolean exceptLoopback,
    List<Witness> witnesses,
    int omittedWitnesses,
    List<Unreachable> unreachable,
    int omittedUnreachable) {

  private static final int TEXT = 300;

  /**
   * A way in.
   *
   * @param rule the text of the rule that lets it in; null when a file that was not given may hold
   *     one
   * @param physicalReplication a walsender; otherwise an ordinary login or logical replication
   * @param database the rule's word for it
   * @param username the rule's word for it
   * @param addresses addresses that no earlier rule decides: one, or two with a dash
   * @param confirmed that very rule decides the attempt; without it the way in may be shut by
   *     something that only the server can evaluate
   * @param attempt a connection to try it with; null when none can be named
   */
  @Schema(name = "HbaWitness")
  public record Witness(
      String file,
      int line,
      @Nullable String rule,
      boolean physicalReplication,
      String database,
      String username,
      String addresses,
      boolean confirmed,
      String description,
      @Nullable Attempt attempt) {

    private static Witness of(PlaintextDoor door) {
      HbaRule rule = door.rule();
      ConnectionAttempt attempt = door.witness();
      return new Witness(
          door.file(),
          door.line(),
          rule == null ? null : shown(rule.text().strip()),
          door.physicalReplication(),
          HbaText.shortened(door.database(), TEXT),
          HbaText.shortened(door.user(), TEXT),
          HbaText.shortened(door.addresses(), TEXT),
          door.confirmed(),
          HbaText.shortened(door.description(), 2 * TEXT),
          attempt == null ? null : Attempt.of(attempt));
    }
  }

  /** A connection in plaintext; the user is a member of the roles that the rule names. */
  @Schema(name = "HbaAttempt")
  public record Attempt(String database, String username, String clientAddress) {

    private static @Nullable Attempt of(ConnectionAttempt attempt) {
      InetAddress client = attempt.client();
      return client == null
          ? null
          : new Attempt(attempt.database(), attempt.user(), client.getHostAddress());
    }
  }

  /** A rule that no connection ever reaches, and why. */
  @Schema(name = "HbaUnreachableRule")
  public record Unreachable(String file, int line, String rule, String why) {}

  static HbaProofView of(HbaDocument document, ProofOptions options) {
    return of(document, HbaProof.prove(document, options), options);
  }

  static HbaProofView of(HbaDocument document, HbaProof.Result proof, ProofOptions options) {
    LintReport unreachable = HbaLint.unreachable(document);
    return new HbaProofView(
        proof.verdict(),
        options.exceptLoopback(),
        proof.doors().stream().map(Witness::of).toList(),
        proof.omitted(),
        unreachable.findings().stream()
            .map(
                finding ->
                    new Unreachable(
                        finding.file(),
                        finding.line(),
                        document
                            .rule(String.valueOf(finding.ruleId()))
                            .map(rule -> shown(rule.text().strip()))
                            .orElse(""),
                        finding.message()))
            .toList(),
        unreachable.omitted());
  }

  private static String shown(String byteText) {
    return HbaText.shortened(HbaText.toShown(byteText), TEXT);
  }
}

package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.LoginAnswer;
import dev.pgseal.postgres.LoginAttempt;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.OptionalLong;

/**
 * Tells from outside which generation of pg_hba.conf is loaded.
 *
 * <p>The first line of each generation decides a login that no other line cares about. It says
 * {@code reject}, which answers with another text than "no entry"; where the loaded rules answer
 * this login with that same text already (a closing {@code reject} for everybody), the line asks
 * for {@code scram-sha-256} instead, for a role and a database that do not exist.
 */
@ApplicationScoped
public class SentinelProbe {

  private final WireProbe wire;

  public SentinelProbe(WireProbe wire) {
    this.wire = wire;
  }

  /** What the server answers before the change, and so what the line must say to be told apart. */
  public Expectation expect(ServerUnderChange change, long generation) {
    return new Expectation(change.login(), generation, answer(change.login(), generation));
  }

  /**
   * Whether the generation line of these rules answers, so that they, or later edits of them by
   * hand, are what is loaded. True as well when they have none: then nothing can be said.
   */
  boolean answersAs(LoginTarget login, HbaDocument rules) {
    OptionalLong generation = HbaSentinel.generation(rules);
    if (generation.isEmpty()) {
      return true;
    }
    String answer = answer(login, generation.getAsLong());
    return rules.rules().stream()
        .filter(HbaSentinel::isSentinel)
        .findFirst()
        .map(line -> line.admits() ? "admitted" : "refused: pg_hba.conf rejects")
        .filter(answer::startsWith)
        .isPresent();
  }

  private String answer(LoginTarget login, long generation) {
    LoginAnswer answer =
        wire.login(
            login.host(),
            login.port(),
            LoginAttempt.plaintext(HbaSentinel.USER, HbaSentinel.DATABASE_PREFIX + generation));
    if (answer instanceof LoginAnswer.Refused refused) {
      return "refused: " + refused.message();
    }
    return answer instanceof LoginAnswer.Admitted ? "admitted" : "inconclusive: " + answer;
  }

  /** The answer before the change, against which the answer after it is held. */
  public final class Expectation {
    private final LoginTarget login;
    private final long generation;
    private final String before;

    private Expectation(LoginTarget login, long generation, String before) {
      this.login = login;
      this.generation = generation;
      this.before = before;
    }

    /** The method that the sentinel line must name. */
    public String method() {
      return before.startsWith("refused: pg_hba.conf rejects") ? "scram-sha-256" : "reject";
    }

    /**
     * @throws PgsealException {@code HBA_NOT_TAKEN}
     */
    public void requireLoaded() {
      String after = answer(login, generation);
      boolean loaded =
          "reject".equals(method())
              ? after.startsWith("refused: ") && !after.equals(before)
              : "admitted".equals(after);
      if (!loaded) {
        throw new PgsealException(
                ProblemType.HBA_NOT_TAKEN,
                "The server goes on judging by the old rules (generation %d is not loaded: %s)"
                    .formatted(generation, after))
            .hint("See the server log for 'was not reloaded'");
      }
    }
  }
}

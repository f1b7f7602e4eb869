package dev.pgseal.tls;

import dev.pgseal.postgres.HbaDeadMan;
import dev.pgseal.postgres.HbaDeadMan.Armed;
import dev.pgseal.postgres.HbaDeadMan.Watched;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Arms a server against rules that nobody confirms, and finds out what a dead pgseal left armed.
 */
@ApplicationScoped
public class RulesWatch {

  /** A watcher at work needs a second, unless its disk is full. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final HbaDeadMan deadMan;

  public RulesWatch(HbaDeadMan deadMan) {
    this.deadMan = deadMan;
  }

  /** One change under watch. */
  interface Watch {
    /**
     * The new rules proved themselves.
     *
     * @throws PgsealException {@code HBA_NOT_TAKEN} when that was too late
     */
    void confirm();

    /** The change did not come about, or its author took it back. */
    void standDown();
  }

  private static final Watch UNWATCHED =
      new Watch() {
        @Override
        public void confirm() {}

        @Override
        public void standDown() {}
      };

  /** Before the files are written. */
  Watch begin(ServerUnderChange change, List<Watched> files, ConfirmOrRevert policy) {
    if (!policy.armed()) {
      return UNWATCHED;
    }
    PostgresSession session = change.session();
    Armed armed = deadMan.arm(session, files, policy.time());
    return new Watch() {
      @Override
      public void confirm() {
        if (!deadMan.confirm(session, armed)) {
          throw new PgsealException(
                  ProblemType.HBA_NOT_TAKEN,
                  "The new rules were proved, but later than %s after they were written, and the server has taken them back by itself"
                      .formatted(policy.time()))
              .hint("Repeat it with a longer confirmOrRevert.within");
        }
      }

      @Override
      public void standDown() {
        deadMan.confirm(session, armed);
      }
    };
  }

  /**
   * Ends what a predecessor left armed, so that nothing changes under our feet: it is sent home
   * when a new login of ours gets in, else let do its work. Called with the server's lock, before
   * the rules are looked at.
   */
  public void settle(ServerUnderChange change) {
    Optional<Armed> left = deadMan.unconfirmed(change.session());
    if (left.isEmpty()) {
      return;
    }
    change.fresh().close();
    if (!deadMan.confirm(change.session(), left.get())) {
      awaitItsEnd(change.session(), left.get());
    }
  }

  private void awaitItsEnd(PostgresSession session, Armed armed) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (deadMan.unconfirmed(session).filter(armed::equals).isPresent()) {
      if (System.nanoTime() > deadline) {
        deadMan.abandon(session, armed);
        return;
      }
      Pause.of(BETWEEN_LOOKS);
    }
  }
}

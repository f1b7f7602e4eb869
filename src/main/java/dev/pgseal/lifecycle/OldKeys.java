package dev.pgseal.lifecycle;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.ServerUnderChange;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Removes the keys that a server does not use any more. */
final class OldKeys {

  private static final Logger LOG = Logger.getLogger(OldKeys.class);

  private OldKeys() {}

  /**
   * Whatever goes wrong is no reason to go back: the next renewal removes what is left.
   *
   * @return why something may be left
   */
  static Optional<String> remove(
      StepContext<?> context, ManagedServer server, CertificateInstaller installer) {
    try (ServerUnderChange change = context.open(server)) {
      installer.removeOthers(change);
      return Optional.empty();
    } catch (PgsealException e) {
      return Optional.of(e.detail());
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      LOG.errorf(e, "The old keys of %s could not be removed", server.name());
      return Optional.of("An unexpected error; see the log");
    }
  }
}

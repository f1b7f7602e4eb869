package dev.pgseal;

import dev.pgseal.embedded.NewKeyset;
import dev.pgseal.embedded.StartRefusedException;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.security.KeysetRotation;
import dev.pgseal.security.TinkSecrets;
import dev.pgseal.store.Resealing;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The command lines by which the key of the key set is replaced (docs/operations.md): three that
 * write a next key set from the present one, and {@code --reseal}, which works on the configured
 * control database beside running replicas.
 */
final class KeysetCommand {

  private static final String RESEAL = "--reseal";
  private static final Map<String, KeysetRotation> STEPS =
      Map.of(
          "--add-key", KeysetRotation.ADD,
          "--promote-key", KeysetRotation.PROMOTE,
          "--drop-keys", KeysetRotation.DROP);

  private KeysetCommand() {}

  static boolean askedFor(String... arguments) {
    return arguments.length > 0 && (arguments[0].equals(RESEAL) || STEPS.containsKey(arguments[0]));
  }

  /**
   * @return what was done, for the console
   * @throws StartRefusedException when it cannot be done; nothing was changed then but values that
   *     are sealed anew already
   */
  static String run(Supplier<SmallRyeConfig> config, String... arguments) {
    if (arguments[0].equals(RESEAL)) {
      return reseal(config.get());
    }
    if (arguments.length != 3) {
      throw new StartRefusedException("Usage: " + arguments[0] + " FILE NEW_FILE");
    }
    Path from = Path.of(arguments[1]).toAbsolutePath();
    String keyset;
    try {
      keyset = STEPS.get(arguments[0]).apply(Files.readString(from));
    } catch (IOException | IllegalArgumentException e) {
      throw new StartRefusedException(from + " cannot be read: " + e.getMessage());
    }
    return "The next key set lies in "
        + NewKeyset.write(Path.of(arguments[2]).toAbsolutePath(), () -> keyset);
  }

  private static String reseal(SmallRyeConfig config) {
    try {
      Resealing resealing =
          Resealing.on(
              required(config, "quarkus.datasource.jdbc.url"),
              required(config, "quarkus.datasource.username"),
              required(config, "quarkus.datasource.password"),
              TinkSecrets.from(Path.of(required(config, "pgseal.keyset-file"))));
      long values = resealing.run();
      String auditFault = resealing.takeOverAuditLog();
      if (auditFault != null) {
        throw new StartRefusedException(
            values
                + " values were sealed anew, but the audit log is not as it was sealed: "
                + auditFault
                + ". This stands in the audit log now; keep the old key if its seals are to be"
                + " looked at again.");
      }
      return values
          + " values were sealed anew. Nothing in the control database needs another key than the"
          + " one that seals now.";
    } catch (PgsealException e) {
      throw new StartRefusedException(
          e.getMessage() + ". What was sealed anew before it stays so; nothing else was changed.");
    }
  }

  private static String required(SmallRyeConfig config, String property) {
    return config
        .getOptionalValue(property, String.class)
        .orElseThrow(() -> new StartRefusedException(RESEAL + " needs " + property));
  }
}

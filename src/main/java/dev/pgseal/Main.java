package dev.pgseal;

import dev.pgseal.embedded.EmbeddedSettings;
import dev.pgseal.embedded.EmbeddedStart;
import dev.pgseal.embedded.NewKeyset;
import dev.pgseal.embedded.StartRefusedException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Starts the service, with a control database of its own unless {@code quarkus.datasource.jdbc.url}
 * names one.
 *
 * <p>The database has to be there before Quarkus opens its pool and has to outlive it, so it is
 * started before {@link Quarkus#run} and stopped after Quarkus has stopped.
 */
@QuarkusMain
public class Main {

  private static final String KEYSET_FILE = "pgseal.keyset-file";

  public static void main(String... arguments) {
    try {
      start(arguments);
    } catch (StartRefusedException e) {
      // logging is not set up before Quarkus runs: exit() would spill its held back debug messages
      System.err.println("pgseal cannot start. " + e.getMessage());
      Runtime.getRuntime().halt(1);
    }
  }

  private static void start(String... arguments) {
    if (NewKeyset.askedFor(arguments)) {
      System.out.println("A new key set lies in " + NewKeyset.make(arguments));
      return;
    }
    if (KeysetCommand.askedFor(arguments)) {
      System.out.println(KeysetCommand.run(Main::configuration, arguments));
      return;
    }
    SmallRyeConfig config = configuration();
    UnknownProperties.refuse(config);
    Map<String, String> https = HttpsProperties.of(config);
    https.forEach(System::setProperty);
    if (config.getOptionalValue("quarkus.datasource.jdbc.url", String.class).isPresent()) {
      requireKeyset(config);
      Quarkus.run(arguments);
      return;
    }
    EmbeddedStart embedded =
        EmbeddedStart.in(config.getConfigMapping(EmbeddedSettings.class).dataDirectory());
    StopAfterQuarkus database = StopAfterQuarkus.register(embedded);
    try {
      embedded.properties().forEach(System::setProperty);
      if (embedded.firstStart()) {
        welcome(embedded, url(config, !https.isEmpty()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    database.run(arguments);
  }

  /** As Quarkus will see it: environment, system properties and application.properties files. */
  private static SmallRyeConfig configuration() {
    return ConfigUtils.emptyConfigBuilder()
        .withMapping(EmbeddedSettings.class)
        // the properties of other packages stand under the same prefix
        .withMappingIgnore("pgseal.**")
        .build();
  }

  private static void requireKeyset(SmallRyeConfig config) {
    Path file =
        config
            .getOptionalValue(KEYSET_FILE, Path.class)
            .orElseThrow(
                () ->
                    new StartRefusedException(
                        KEYSET_FILE
                            + " (PGSEAL_KEYSET_FILE) must name the Tink key set that seals secrets"
                            + " in the control database, as quarkus.datasource.jdbc.url is set."));
    if (!Files.isReadable(file)) {
      throw new StartRefusedException(
          KEYSET_FILE + " names " + file.toAbsolutePath() + ", which cannot be read.");
    }
  }

  /** The one time that the token is shown: on the console, which is not the log. */
  private static void welcome(EmbeddedStart embedded, String url) throws IOException {
    System.out.printf(
        """

        This is the first start: a control database and an admin token were made in %1$s.

          admin token   %2$s
          kept in       %3$s (not shown again)
          try           curl -H "Authorization: Bearer $(cat %3$s)" %4$s/v1/servers

        """,
        embedded.adminTokenFile().getParent(),
        Files.readString(embedded.adminTokenFile()).strip(),
        embedded.adminTokenFile(),
        url);
  }

  private static String url(SmallRyeConfig config, boolean https) {
    return https
        ? "https://127.0.0.1:"
            + config.getOptionalValue("quarkus.http.ssl-port", Integer.class).orElse(8443)
        : "http://127.0.0.1:"
            + config.getOptionalValue("quarkus.http.port", Integer.class).orElse(8080);
  }
}

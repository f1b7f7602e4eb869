package dev.pgseal.it;

import static dev.pgseal.it.Managed.await;
import static dev.pgseal.it.Managed.convert;
import static dev.pgseal.it.Managed.installSelfSigned;
import static dev.pgseal.it.Managed.putHba;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.rollout;
import static dev.pgseal.it.Managed.ssl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * The ways to lock everybody out that a reload offers (one SIGHUP applies settings, rules and TLS
 * context, and each can fail alone), each attempted through the API and not happening.
 */
class LockOutIT {

  private static final String TLS_ONLY =
      "local all all scram-sha-256\nhostssl all,replication all all scram-sha-256\n";

  @BeforeEach
  void start() {
    Application.shared();
  }

  @ParameterizedTest
  @PostgresMajors
  void l1SslIsNotTurnedOffWhileTheRulesAdmitTlsOnly(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String server = register(postgres);
      installSelfSigned(server);
      ssl(server, true).statusCode(200);
      convert(server, "ENFORCE").statusCode(200);

      ssl(server, false).statusCode(409).body("type", equalTo("/problems/lockout-risk"));

      requireLogin(postgres, "require");
    }
  }

  @ParameterizedTest
  @PostgresMajors
  void l2RelaxedRulesWithATypoAreNotFollowedBySslOff(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String server = register(postgres);
      installSelfSigned(server);
      ssl(server, true).statusCode(200);
      convert(server, "ENFORCE").statusCode(200);
      String enforced = postgres.hba();

      putHba(server, "host all all all scram-sha-265\n")
          .statusCode(422)
          .body("type", equalTo("/problems/hba-invalid"))
          .body("line", equalTo(1));
      ssl(server, false).statusCode(409);

      assertThat(postgres.hba()).isEqualTo(enforced);
      requireLogin(postgres, "require");
    }
  }

  @ParameterizedTest
  @PostgresMajors
  void l3RulesForTlsOnlyAreNotWrittenWhileABrokenKeyKeepsTlsOff(int major)
      throws SQLException, IOException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String server = register(postgres);
      installSelfSigned(server);
      Path key = postgres.dataDirectory().resolve("pgseal/current/server.key");
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
      String before = postgres.hba();

      ssl(server, true)
          .statusCode(422)
          .body("type", equalTo("/problems/ssl-not-taken"))
          .body("detail", containsString("group or world access"));
      putHba(server, TLS_ONLY).statusCode(409).body("type", equalTo("/problems/lockout-risk"));
      await(rollout("ENFORCED", null, server))
          .body("problem.type", equalTo("/problems/ssl-not-taken"));

      assertThat(postgres.hba()).isEqualTo(before);
      assertThat(postgres.query("SHOW ssl")).isEqualTo("off");
      requireLogin(postgres, "disable");
    }
  }

  @ParameterizedTest
  @PostgresMajors
  void l4NothingIsChangedWhileSomebodyElsesErrorStandsInPostgresqlConf(int major)
      throws SQLException, IOException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String server = register(postgres);
      installSelfSigned(server);
      String before = postgres.hba();
      Files.writeString(
          postgres.dataDirectory().resolve("postgresql.conf"),
          "\nno_such_setting = 1\n",
          StandardOpenOption.APPEND);

      ssl(server, true)
          .statusCode(409)
          .body("type", equalTo("/problems/foreign-configuration-error"))
          .body("detail", containsString("postgresql.conf"));
      await(rollout("ENFORCED", null, server))
          .body("state", equalTo("FAILED"))
          .body("problem.type", equalTo("/problems/foreign-configuration-error"));

      assertThat(postgres.hba()).isEqualTo(before);
      requireLogin(postgres, "disable");
    }
  }

  @ParameterizedTest
  @PostgresMajors
  void l5NothingIsChangedWhenTheCommandLineKeepsSslOff(int major) throws SQLException {
    try (PostgresServer postgres =
        PostgresServer.builder(major).commandLineSetting("ssl", "off").start()) {
      String server = register(postgres);
      String before = postgres.hba();

      ssl(server, true)
          .statusCode(409)
          .body("type", equalTo("/problems/setting-not-changeable"))
          .body("setting", equalTo("ssl"));
      await(rollout("ENFORCED", null, server))
          .body("state", equalTo("FAILED"))
          .body("problem.type", equalTo("/problems/setting-not-changeable"));

      assertThat(postgres.hba()).isEqualTo(before);
      requireLogin(postgres, "disable");
    }
  }

  @ParameterizedTest
  @PostgresMajors
  void l6RulesThatAskForClientCertificatesNeedARootCertificateFirst(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      String server = register(postgres);
      installSelfSigned(server);
      ssl(server, true).statusCode(200);
      String before = postgres.hba();

      putHba(server, "hostssl all all all cert\n")
          .statusCode(409)
          .body("type", equalTo("/problems/lockout-risk"));
      putHba(
              server,
              "hostssl all postgres all scram-sha-256\nhostssl all all all scram-sha-256 clientcert=verify-full\n")
          .statusCode(409)
          .body("type", equalTo("/problems/lockout-risk"))
          .body("line", equalTo(2))
          .body("hint", containsString("ssl_ca_file"));

      assertThat(postgres.hba()).isEqualTo(before);
      requireLogin(postgres, "disable");
    }
  }

  private static void requireLogin(PostgresServer postgres, String sslMode) throws SQLException {
    try (Connection connection =
        postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, sslMode)) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }
}

package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Regular expressions against PostgreSQL's own engine: {@code name ~ expression}, C collation. */
class PostgresRegexOracleTest {

  private static final Logger LOG = Logger.getLogger(PostgresRegexOracleTest.class);
  private static final int CASES = 60_000;

  private static final List<String> PIECES =
      List.of(
          "a",
          "b",
          "c",
          "u1",
          ".",
          "^",
          "$",
          "|",
          "(",
          ")",
          "(?:",
          "(?=",
          "(?!",
          "(?<=",
          "(?#x)",
          "*",
          "+",
          "?",
          "*?",
          "{2}",
          "{1,}",
          "{0,1}",
          "{2,1}",
          "{256}",
          "{a",
          "{1",
          "[abc]",
          "[^a-c]",
          "[a-",
          "[z-a]",
          "[]a]",
          "[^]]",
          "[[:alpha:]]",
          "[[:foo:]]",
          "[[.a.]]",
          "[[=a=]]",
          "[[.xx.]]",
          "[\\w-]",
          "[\\d_]",
          "[\\D]",
          "\\d",
          "\\D",
          "\\s",
          "\\w",
          "\\W",
          "\\y",
          "\\m",
          "\\A",
          "\\Z",
          "\\1",
          "\\2",
          "\\12",
          "\\0",
          "\\x41",
          "\\x",
          "\\u0061",
          "\\q",
          "\\.",
          "\\\\",
          "\\",
          "\\cA",
          "\\e",
          "[[:<:]]",
          "[a",
          "]",
          "}",
          "-",
          "/",
          "_",
          "é",
          "***=",
          "***:",
          "(?i)",
          "(?z)",
          "[a-b-c]",
          "[--a]",
          "[[:alnum:]_]");
  private static final String NAME_ALPHABET = "abcu1._-A ";

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  @PostgresMajors
  void everyExpressionIsJudgedAndDecidedAsPostgresDoes(int major) throws SQLException {
    RandomGenerator random = OracleScale.random(major);
    var disagreements = new ArrayList<String>();
    int decided = 0;
    int faults = 0;
    int cases = OracleScale.of(CASES);
    try (Connection connection = bytesDatabase(major);
        PreparedStatement query = connection.prepareStatement("SELECT ?::text ~ ?::text")) {
      for (int i = 0; i < cases; i++) {
        String expression = expression(random);
        String name = name(random);
        String theirs = answer(query, name, expression);
        PostgresRegex regex = PostgresRegex.compile(HbaText.ofReadable(expression));
        String fault = regex.fault();
        String ours = fault == null ? regex.find(HbaText.ofReadable(name)).name() : fault;
        faults += fault == null ? 0 : 1;
        boolean undecided = ours.equals("UNKNOWN") && theirs.matches("YES|NO");
        decided += undecided ? 0 : 1;
        if (!undecided && !ours.equals(theirs)) {
          disagreements.add(name + " ~ " + expression + ": ours " + ours + ", theirs " + theirs);
        }
      }
    }
    LOG.infof(
        "PostgreSQL %d: %d expressions, %d invalid, %d left undecided, %d disagreements",
        major, cases, faults, cases - decided, disagreements.size());
    assertThat(disagreements.stream().limit(25)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(decided).isGreaterThan(cases / 2);
  }

  private static Connection bytesDatabase(int major) throws SQLException {
    var server = SERVERS.on(major);
    server.execute(
        "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    var properties = new Properties();
    properties.put("user", "postgres");
    properties.put("password", dev.pgseal.testing.PostgresServer.PASSWORD);
    properties.put("sslmode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.host() + ":" + server.port() + "/bytes", properties);
  }

  private static String answer(PreparedStatement query, String name, String expression)
      throws SQLException {
    query.setString(1, name);
    query.setString(2, expression);
    try (ResultSet row = query.executeQuery()) {
      row.next();
      return row.getBoolean(1) ? "YES" : "NO";
    } catch (SQLException e) {
      return e.getMessage().replace("ERROR: invalid regular expression: ", "");
    }
  }

  private static String expression(RandomGenerator random) {
    var expression = new StringBuilder();
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      expression.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return expression.toString();
  }

  private static String name(RandomGenerator random) {
    var name = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      name.append(NAME_ALPHABET.charAt(random.nextInt(NAME_ALPHABET.length())));
    }
    return name.toString();
  }
}

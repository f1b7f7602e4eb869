package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.egress.Network;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions with something that is no PostgreSQL, or wants to do harm. */
@Timeout(60)
class HostileSessionTest {

  private static final int PLENTY = 512 * 1024 * 1024;

  private final AtomicLong taken = new AtomicLong();

  @Test
  void anErrorWithoutEndIsCutOff() {
    PgsealException e = refused(out -> flood(out, 'E', 'x'));

    assertThat(e.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
    assertThat(taken.get()).isLessThan(4L * SessionSocket.MOST_BYTES);
    assertThat(e.detail().length()).isLessThan(1000);
  }

  @Test
  void aRowWithoutEndIsCutOffAfterTheLogin() {
    PgsealException e =
        refused(
            out -> {
              admit(out);
              flood(out, 'D', 0);
            });

    assertThat(e.type()).isIn(ProblemType.SERVER_UNREACHABLE, ProblemType.SERVER_FAULT);
    assertThat(taken.get()).isLessThan(4L * SessionSocket.MOST_BYTES);
  }

  @Test
  void parametersWithoutEndAreCutOff() {
    PgsealException e =
        refused(
            out -> {
              message(out, 'R', new byte[] {0, 0, 0, 0});
              byte[] parameter = "a\0b\0".getBytes(StandardCharsets.US_ASCII);
              while (taken.addAndGet(parameter.length + 5L) < PLENTY) {
                message(out, 'S', parameter);
              }
            });

    assertThat(e.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
    assertThat(taken.get()).isLessThan(4L * SessionSocket.MOST_BYTES);
  }

  @Test
  void aLengthThatIsALieTakesNoMemoryAndAnEnd() {
    PgsealException e =
        refused(
            out -> {
              DataOutputStream data = new DataOutputStream(out);
              data.writeByte('E');
              data.writeInt(Integer.MAX_VALUE);
              data.flush();
            });

    assertThat(e.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
  }

  @Test
  void anAnswerByteByByteEndsInTime() {
    long began = System.nanoTime();

    PgsealException e =
        refused(
            out -> {
              message(out, 'R', new byte[] {0, 0, 0, 0});
              DataOutputStream data = new DataOutputStream(out);
              data.writeByte('S');
              data.writeInt(100_000);
              while (true) {
                data.writeByte('a');
                data.flush();
                pause();
              }
            });

    assertThat(e.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void garbageIsNoPostgresql() {
    PgsealException e =
        refused(
            out ->
                out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

    assertThat(e.type()).isIn(ProblemType.SERVER_UNREACHABLE, ProblemType.SERVER_FAULT);
  }

  @Test
  void anAddressThatIsNotAllowedIsNotConnectedToWhateverNameItHas() {
    AtomicLong connections = new AtomicLong();
    EgressRule none =
        new EgressRule(List.of(Network.parse("127.0.0.0/8"), Network.parse("::1")), List.of());
    try (LyingServer server = new LyingServer((in, out) -> connections.incrementAndGet())) {
      for (String host : List.of("localhost", "127.0.0.1")) {
        PgsealException e =
            catchThrowableOfType(
                PgsealException.class,
                () -> connector(none).open(target(host, server.port())).close());

        assertThat(e.type()).isEqualTo(ProblemType.ADDRESS_REFUSED);
        assertThat(e.detail()).contains("of pgseal.egress.deny");
        assertThat(new WireProbe(none).tls(host, server.port()))
            .isInstanceOfSatisfying(
                TlsAnswer.NoAnswer.class,
                answer -> assertThat(answer.reason()).contains("pgseal.egress.deny"));
      }
    }
    assertThat(connections).hasValue(0);
  }

  /** What comes after the startup packet; TLS is declined before it. */
  @FunctionalInterface
  private interface Afterwards {
    void send(OutputStream out) throws IOException;
  }

  private PgsealException refused(Afterwards behaviour) {
    try (LyingServer server =
        new LyingServer(
            (in, out) -> {
              in.readNBytes(8);
              out.write('N');
              startup(in);
              behaviour.send(out);
            })) {
      return catchThrowableOfType(
          PgsealException.class,
          () -> {
            try (PostgresSession session =
                connector(EgressRule.DEFAULT).open(target("127.0.0.1", server.port()))) {
              session.query("select 1", row -> row.getInt(1));
            }
          });
    }
  }

  private static PostgresConnector connector(EgressRule rule) {
    return new PostgresConnector(
        Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofSeconds(2), rule);
  }

  private static LoginTarget target(String host, int port) {
    return new LoginTarget(
        host, port, "postgres", "postgres", "secret", ConnectionSslMode.PREFER, null);
  }

  private static void startup(InputStream in) throws IOException {
    byte[] length = in.readNBytes(4);
    in.readNBytes(((length[2] & 0xff) << 8 | (length[3] & 0xff)) - 4);
  }

  private static void admit(OutputStream out) throws IOException {
    message(out, 'R', new byte[] {0, 0, 0, 0});
    for (String parameter :
        List.of(
            "server_version\0" + "18.0\0",
            "client_encoding\0UTF8\0",
            "DateStyle\0ISO\0",
            "standard_conforming_strings\0on\0",
            "integer_datetimes\0on\0")) {
      message(out, 'S', parameter.getBytes(StandardCharsets.US_ASCII));
    }
    message(out, 'K', new byte[8]);
    message(out, 'Z', new byte[] {'I'});
  }

  private static void message(OutputStream out, int type, byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeByte(type);
    data.writeInt(body.length + 4);
    data.write(body);
    out.write(bytes.toByteArray());
  }

  private void flood(OutputStream out, int type, int with) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeByte(type);
    data.writeInt(PLENTY);
    byte[] much = new byte[64 * 1024];
    java.util.Arrays.fill(much, (byte) with);
    while (taken.addAndGet(much.length) < PLENTY) {
      data.write(much);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(200); // the slowness is what is tested
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}

package dev.pgseal.hba;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/** Short ways to say what the tests of this package say all the time. */
final class Hba {

  private Hba() {}

  static HbaDocument document(String text) {
    return document(text, 16);
  }

  static HbaDocument document(String text, int major) {
    return HbaDocument.parse(text.getBytes(StandardCharsets.UTF_8), major);
  }

  static String text(HbaDocument document) {
    return HbaText.toReadable(HbaText.ofBytes(document.bytes()));
  }

  static HbaRule rule(String line, int major) {
    HbaDocument document = document(line + "\n", major).requireLoadable();
    return document.rules().get(0);
  }

  static InetAddress ip(String address) {
    return NumericAddress.parse(address, HbaDialect.of(18)).orElseThrow();
  }

  static ConnectionAttempt plaintext(String client, String database, String user) {
    return ConnectionAttempt.tcp(ip(client), Transport.PLAINTEXT, database, user);
  }

  static ConnectionAttempt tls(String client, String database, String user) {
    return ConnectionAttempt.tcp(ip(client), Transport.TLS, database, user);
  }

  static ConnectionAttempt gss(String client, String database, String user) {
    return ConnectionAttempt.tcp(ip(client), Transport.GSS, database, user);
  }
}

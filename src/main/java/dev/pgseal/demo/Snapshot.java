package dev.pgseal.demo;

import java.util.List;
import java.util.Map;

/**
 * The playground as it was at one moment, seen by the demonstration itself and not through pgseal.
 *
 * @param servers by name, the primary first
 * @param acknowledged number of commits that the clients had been told of
 * @param interruptions how often clients had lost a session
 */
record Snapshot(Map<String, OneServer> servers, int acknowledged, int interruptions) {

  /**
   * @param sessions number of TCP sessions by encryption
   * @param missing acknowledged commits that are not in the table
   * @param certificate SHA-256 of the leaf that a handshake shows, or {@code none} for the answer
   *     {@code N}
   * @param login plaintext, as the clients' user
   * @param replicationLogin plaintext, as a standby
   * @param verifyFull what a client with {@code sslmode=verify-full} and the bundle gets
   */
  record OneServer(
      Sessions sessions,
      List<String> missing,
      String certificate,
      WireProbe.Login login,
      WireProbe.Login replicationLogin,
      VerifyFull verifyFull) {}

  /** Sessions that our superuser sees; {@code walsenders} are among the others. */
  record Sessions(int plaintext, int plaintextWalsenders, int tls, int tlsWalsenders, int unknown) {
    String text() {
      return count(plaintext, plaintextWalsenders, "plaintext")
          + ", "
          + count(tls, tlsWalsenders, "TLS")
          + (unknown == 0 ? "" : ", " + unknown + " unknown");
    }

    private static String count(int all, int walsenders, String encryption) {
      return all + " " + encryption + (walsenders == 0 ? "" : " (" + walsenders + " walsender)");
    }
  }

  /**
   * @param protocol such as {@code TLSv1.3}, empty when it failed
   * @param text the protocol or why there is none
   */
  record VerifyFull(String protocol, String text) {
    boolean succeeded() {
      return !protocol.isEmpty();
    }
  }

  OneServer primary() {
    return server("primary");
  }

  OneServer server(String name) {
    OneServer server = servers.get(name);
    if (server == null) {
      throw new IllegalArgumentException(name);
    }
    return server;
  }
}

package dev.pgseal.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is to be proved of a {@link Snapshot}: each point with what was seen, and whether it holds.
 */
final class Verdict {

  /**
   * @param seen the observation behind it
   */
  record Point(String claim, String seen, boolean holds) {}

  private final List<Point> points = new ArrayList<>();

  /**
   * TLS is enforced on every server.
   *
   * @param issued fingerprint of the issued certificate by server
   */
  static Verdict enforced(Snapshot snapshot, Map<String, String> issued) {
    Verdict verdict = new Verdict();
    snapshot
        .servers()
        .forEach(
            (name, server) -> {
              verdict.sessions(name, server.sessions());
              verdict.login(name, "plaintext login refused", server.login(), false);
              verdict.login(
                  name, "plaintext replication login refused", server.replicationLogin(), false);
              verdict.add(
                  name + ": the served certificate is the issued one",
                  server.certificate(),
                  server.certificate().equals(issued.get(name)));
              verdict.add(
                  name + ": verify-full succeeds with the downloaded bundle",
                  server.verifyFull().text(),
                  server.verifyFull().succeeded());
              verdict.commits(name, snapshot, server);
            });
    verdict.add(
        "the walsender streams inside TLS",
        snapshot.primary().sessions().tlsWalsenders() + " TLS walsender",
        snapshot.primary().sessions().tlsWalsenders() == 1);
    return verdict;
  }

  /** TLS is off on every server, and those who come in plaintext get in. */
  static Verdict disabled(Snapshot snapshot) {
    Verdict verdict = new Verdict();
    snapshot
        .servers()
        .forEach(
            (name, server) -> {
              verdict.add(
                  name + ": SSLRequest is answered N",
                  "certificate " + server.certificate(),
                  server.certificate().equals("none"));
              verdict.login(name, "plaintext login admitted", server.login(), true);
              verdict.login(
                  name, "plaintext replication login admitted", server.replicationLogin(), true);
              verdict.commits(name, snapshot, server);
            });
    return verdict;
  }

  List<Point> points() {
    return List.copyOf(points);
  }

  boolean holds() {
    return points.stream().allMatch(Point::holds);
  }

  /** A point that is known from elsewhere. */
  Verdict and(String claim, String seen, boolean holds) {
    add(claim, seen, holds);
    return this;
  }

  private void sessions(String server, Snapshot.Sessions sessions) {
    add(
        server + ": no plaintext TCP session, walsenders included",
        sessions.text(),
        sessions.plaintext() == 0 && sessions.unknown() == 0 && sessions.tls() > 0);
  }

  private void login(String server, String claim, WireProbe.Login login, boolean admitted) {
    add(server + ": " + claim, login.text(), admitted ? login.admitted() : login.refusedByRules());
  }

  private void commits(String name, Snapshot snapshot, Snapshot.OneServer server) {
    add(
        name + ": every acknowledged commit is found",
        "%d acknowledged, %d missing".formatted(snapshot.acknowledged(), server.missing().size()),
        server.missing().isEmpty() && snapshot.acknowledged() > 0);
  }

  private void add(String claim, String seen, boolean holds) {
    points.add(new Point(claim, seen, holds));
  }
}

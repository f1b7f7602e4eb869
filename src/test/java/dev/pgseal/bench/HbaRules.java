package dev.pgseal.bench;

import java.nio.charset.StandardCharsets;

/** Rules of many kinds, all different, as in a file that a program keeps. */
final class HbaRules {

  static final int MAJOR = 18;

  private HbaRules() {}

  /** So many rules, each on a line; none but the last takes a client of 192.0.2.0/24. */
  static byte[] file(int rules) {
    var file = new StringBuilder();
    for (int i = 0; i < rules - 1; i++) {
      String rule =
          switch (i % 5) {
            case 0 -> "host    app_%1$d  app_%1$d,+team_%2$d  10.%3$d.%2$d.0/24  scram-sha-256%n";
            case 1 ->
                "hostssl all  user_%1$d  10.%3$d.%2$d.7/32  scram-sha-256  clientcert=verify-ca%n";
            case 2 ->
                "host  db_%1$d,\"db %1$d\"  all  10.%3$d.%2$d.0 255.255.255.0  md5 # of team"
                    + " %2$d%n";
            case 3 -> "hostnossl  replication  repl_%1$d  fd00:%2$x:%3$x::/48  reject%n";
            default -> "local   db_%1$d  user_%1$d  peer map=m%2$d%n";
          };
      file.append(rule.formatted(i, i % 251, i / 251 % 251));
    }
    file.append("host all all all scram-sha-256\n");
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }
}

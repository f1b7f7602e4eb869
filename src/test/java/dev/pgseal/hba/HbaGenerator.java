package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes pg_hba.conf files: hand-made lines, lines put together of good and bad words, and mutations
 * of both and of real files. Byte texts.
 */
final class HbaGenerator {

  private static final List<String> TYPES =
      List.of(
          "local",
          "host",
          "host",
          "host",
          "hostssl",
          "hostnossl",
          "hostgssenc",
          "hostnogssenc",
          "\"host\"",
          "hosts");
  private static final List<String> GOOD_TYPES =
      List.of("local", "host", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc");
  private static final List<String> GOOD_NAMES =
      List.of(
          "all", "a", "b", "sameuser", "samerole", "replication", "+g", "\"all\"", "@names", "/^a");
  private static final List<String> GOOD_ADDRESSES =
      List.of(
          "all",
          "samehost",
          "samenet",
          "127.0.0.1/32",
          "10.0.0.0 255.0.0.0",
          "::1/128",
          "h.example.com",
          "0.0.0.0/0",
          "::/0",
          "172.16.0.7 255.240.0.255");
  private static final List<String> GOOD_METHODS =
      List.of("trust", "reject", "md5", "scram-sha-256", "password");
  private static final List<String> NAMES =
      List.of(
          "all",
          "\"all\"",
          "a",
          "sameuser",
          "samerole",
          "samegroup",
          "replication",
          "\"replication\"",
          "+grp",
          "\"+grp\"",
          "\"a b\"",
          "\"a,b\"",
          "\"\"",
          "@names",
          "\"@names\"",
          "@empty",
          "@nosuch",
          "/^a",
          "/(",
          "\"/a,b\"",
          "/[a-",
          "/a{2",
          "/x**",
          "\u00fc",
          "a\"b\"c",
          "#");
  private static final List<String> ADDRESSES =
      List.of(
          "all",
          "samehost",
          "samenet",
          "127.0.0.1/32",
          "10.0.0.0/8",
          "::1/128",
          "0.0.0.0/0",
          "::/0",
          "localhost",
          ".example.com",
          "10.0.0.1",
          "10.0.0.1/33",
          "\"all\"",
          "0x0a.1/16",
          "fe80::1/10",
          "1:2::3%1/64",
          "@one",
          "10.0.0.1,10.0.0.2",
          "::ffff:1.2.3.4/96",
          "1.2.3.4/ 8");
  private static final List<String> MASKS =
      List.of("", "", "", "", "255.0.0.0", "255.255.255.255", "ffff::", "255.0.255.0", "all");
  private static final List<String> METHODS =
      List.of(
          "trust",
          "reject",
          "md5",
          "scram-sha-256",
          "password",
          "cert",
          "ident",
          "peer",
          "gss",
          "ldap",
          "radius",
          "oauth",
          "\"trust\"",
          "Trust",
          "trust,md5",
          "");
  private static final List<String> OPTIONS =
      List.of(
          "map=m",
          "clientcert=verify-ca",
          "clientcert=verify-full",
          "clientcert=1",
          "clientname=CN",
          "clientname=DN",
          "clientname=cn",
          "pamservice=p",
          "radiusservers=127.0.0.1",
          "radiussecrets=s",
          "issuer=i",
          "scope=s",
          "x=1",
          "x",
          "\"map=a b\"",
          "map=",
          "krb_realm=R");
  private static final List<String> GAPS =
      List.of(" ", "\t", "  ", "\t ", ", ", "\r", " \\\n", "   ");
  private static final List<String> ENDS =
      List.of("\n", "\n", "\n", "\r\n", " \n", "\\\n", " # c\n", " # c \\\n", "\n\n", "\n#x\n");
  private static final String SPECIAL = "\"\\#,@/+ \t\r\n\0%.=\u00ff";

  private final RandomGenerator random;
  private final List<String> real;

  HbaGenerator(RandomGenerator random) {
    this(random, List.of());
  }

  /**
   * @param real files of which every fourth one is a mutation
   */
  HbaGenerator(RandomGenerator random, List<String> real) {
    this.random = random;
    this.real = real;
  }

  /** A whole file of up to a dozen lines; every other one is meant to load. */
  String file() {
    if (!real.isEmpty() && random.nextInt(4) == 0) {
      return rearranged(of(real));
    }
    boolean tame = random.nextBoolean();
    var file = new StringBuilder();
    int lines = 1 + random.nextInt(12);
    for (int i = 0; i < lines; i++) {
      file.append(tame ? tameLine() : wildLine()).append(of(ENDS));
    }
    String text = file.toString();
    return !tame && random.nextInt(8) == 0 ? mutated(text) : text;
  }

  /** Lines lost, doubled, moved and put in, as by hands in a hurry; often a few bytes, too. */
  private String rearranged(String file) {
    var lines = new ArrayList<>(file.lines().toList());
    for (int i = random.nextInt(5); i >= 0 && !lines.isEmpty(); i--) {
      int at = random.nextInt(lines.size());
      switch (random.nextInt(5)) {
        case 0 -> lines.remove(at);
        case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
        case 2 -> lines.add(at, lines.remove(random.nextInt(lines.size())));
        case 3 -> lines.set(at, mutated(lines.get(at)));
        default -> lines.add(at, tameLine());
      }
    }
    String text = String.join(random.nextInt(8) == 0 ? "\r\n" : "\n", lines) + of(ENDS);
    return random.nextBoolean() ? mutated(text) : text;
  }

  private String wildLine() {
    String line =
        switch (random.nextInt(4)) {
          case 0 -> of(HbaCorpus.LINES);
          case 1 -> tameLine();
          case 2 -> "host all all " + randomAddress() + " trust";
          default -> line();
        };
    return random.nextInt(5) == 0 ? mutated(line) : line;
  }

  private String tameLine() {
    String type = of(GOOD_TYPES);
    var line = new StringBuilder(type);
    gap(line).append(list(GOOD_NAMES));
    gap(line).append(list(GOOD_NAMES));
    if (!type.equals("local")) {
      gap(line).append(of(GOOD_ADDRESSES));
    }
    gap(line).append(of(GOOD_METHODS));
    return line.toString();
  }

  private String randomAddress() {
    String alphabet = random.nextBoolean() ? "0123456789../x" : "0123456789abcf::::..%/";
    var address = new StringBuilder();
    for (int i = 1 + random.nextInt(16); i > 0; i--) {
      address.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return address.toString() + (random.nextBoolean() ? "/8" : "");
  }

  private String line() {
    String type = of(TYPES);
    var line = new StringBuilder(type);
    gap(line).append(list(NAMES));
    gap(line).append(list(NAMES));
    if (!type.equals("local") || random.nextInt(20) == 0) {
      gap(line).append(of(ADDRESSES));
      gap(line).append(of(MASKS));
    }
    gap(line).append(of(METHODS));
    for (int i = random.nextInt(6); i < 3; i++) {
      gap(line).append(of(OPTIONS));
    }
    return line.toString();
  }

  private StringBuilder gap(StringBuilder line) {
    return line.append(random.nextInt(4) > 0 ? " " : of(GAPS));
  }

  private String list(List<String> words) {
    var list = new StringBuilder(of(words));
    while (random.nextInt(3) == 0) {
      list.append(random.nextInt(5) == 0 ? ", " : ",").append(of(words));
    }
    return list.toString();
  }

  private String mutated(String text) {
    var mutated = new StringBuilder(text);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(mutated.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> mutated.insert(at, SPECIAL.charAt(random.nextInt(SPECIAL.length())));
        case 1 -> mutated.delete(at, Math.min(mutated.length(), at + 1 + random.nextInt(3)));
        default -> mutated.insert(at, mutated.substring(at, Math.min(mutated.length(), at + 5)));
      }
    }
    return mutated.toString();
  }

  private String of(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

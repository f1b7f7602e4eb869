package dev.pgseal.hba;

import java.util.Locale;
import java.util.Set;

/** What one rule says about itself. */
final class RuleLint {

  private static final Set<String> DATABASE_WORDS =
      Set.of("all", "sameuser", "samerole", "samegroup", "replication");
  private static final Set<String> ADDRESS_WORDS = Set.of("all", "samehost", "samenet");

  private final HbaRule rule;
  private final LintOptions options;
  private final Findings findings;

  RuleLint(HbaRule rule, LintOptions options, Findings findings) {
    this.rule = rule;
    this.options = options;
    this.findings = findings;
  }

  void run() {
    if (rule.cannotMatch() != null) {
      add(
          LintCode.CANNOT_MATCH,
          LintSeverity.WARNING,
          "The line loads but does nothing: " + rule.cannotMatch(),
          "Turn on what it needs, or remove the line.");
    }
    names();
    address();
    if (rule.admits() && rule.type() != ConnectionType.LOCAL) {
      transport();
      method();
    }
    if (rule.needsClientCertificate() && Boolean.FALSE.equals(options.clientCaConfigured())) {
      add(
          LintCode.CLIENTCERT_WITHOUT_CA,
          LintSeverity.ERROR,
          "It asks for a client certificate but ssl_ca_file is empty: every such login fails",
          "Set ssl_ca_file to the authority of the client certificates.");
    }
  }

  private boolean leavesTheHost() {
    return rule.type() != ConnectionType.LOCAL && !Loopback.coversOnly(rule.address());
  }

  private void transport() {
    if (rule.type().covers(Transport.PLAINTEXT) && leavesTheHost()) {
      add(
          LintCode.ADMITS_PLAINTEXT,
          LintSeverity.WARNING,
          "Clients get in without encryption",
          "Make it hostssl.");
    }
  }

  private void method() {
    if (!leavesTheHost()) {
      return;
    }
    switch (rule.method()) {
      case "trust" -> trust();
      case "password" -> {
        if (rule.type().covers(Transport.PLAINTEXT)) {
          add(
              LintCode.PASSWORD_IN_CLEAR,
              LintSeverity.WARNING,
              "The password crosses the network readable by anybody on the way",
              "Use scram-sha-256, and hostssl.");
        }
      }
      case "md5" ->
          add(
              LintCode.MD5_PASSWORD,
              LintSeverity.INFO,
              "md5 is weak, and deprecated since PostgreSQL 18; SCRAM verifiers work with it too",
              "Set passwords anew under password_encryption = scram-sha-256, then use"
                  + " scram-sha-256 here.");
      case "ident" ->
          add(
              LintCode.IDENT_OVER_NETWORK,
              LintSeverity.WARNING,
              "The client's host is asked who its user is, and may lie",
              "Use scram-sha-256 or certificates.");
      default -> {
        // nothing to say
      }
    }
  }

  private void trust() {
    if (!rule.option("clientcert").isPresent()) {
      add(
          LintCode.TRUST_OVER_NETWORK,
          LintSeverity.WARNING,
          "Whoever reaches the port gets in as " + who() + " without a password",
          "Use scram-sha-256 or certificates.");
    }
  }

  private String who() {
    return rule.users().stream().anyMatch(token -> token.isKeyword("all"))
        ? "any user, superusers included"
        : "these users";
  }

  private void address() {
    if (rule.address() instanceof HbaAddress.HostName name) {
      hostName(name.name());
    } else if (rule.admits() && isEverywhere()) {
      add(
          LintCode.OPEN_TO_ALL_ADDRESSES,
          LintSeverity.INFO,
          "It is open to every address"
              + (rule.address() instanceof HbaAddress.All ? "" : " of its family"),
          "Name the networks that clients are in.");
    }
    if (rule.address() instanceof HbaAddress.Network network && isMapped(network)) {
      add(
          LintCode.CANNOT_MATCH,
          LintSeverity.WARNING,
          "IPv4 clients never arrive as mapped IPv6 addresses",
          "Write the IPv4 address.");
    }
  }

  private void hostName(String name) {
    String word = name.toLowerCase(Locale.ROOT);
    if (ADDRESS_WORDS.contains(word)) {
      add(
          LintCode.KEYWORD_AS_NAME,
          LintSeverity.WARNING,
          "The address " + name + " is read as a host name, since it is quoted or in capitals",
          "Write " + word + " in lower case and without quotes.");
    } else {
      add(
          LintCode.DEPENDS_ON_DNS,
          LintSeverity.INFO,
          "Who matches depends on reverse and forward lookups at each connect",
          "Prefer addresses.");
    }
  }

  private boolean isEverywhere() {
    return rule.address() instanceof HbaAddress.All
        || (rule.address() instanceof HbaAddress.Network network
            && AddressRange.number(network.mask()).signum() == 0);
  }

  private static boolean isMapped(HbaAddress.Network network) {
    byte[] ip = network.ip().getAddress();
    byte[] mask = network.mask().getAddress();
    if (ip.length != 16 || ip[10] != -1 || ip[11] != -1) {
      return false;
    }
    for (int i = 0; i < 12; i++) {
      if (mask[i] != -1 || (i < 10 && ip[i] != 0)) {
        return false;
      }
    }
    return true;
  }

  private void names() {
    for (HbaToken token : rule.databases()) {
      name(token, DATABASE_WORDS, "database");
    }
    for (HbaToken token : rule.users()) {
      name(token, Set.of("all"), "user");
    }
  }

  private void name(HbaToken token, Set<String> words, String noun) {
    String word = token.text().toLowerCase(Locale.ROOT);
    if (words.contains(word) && (token.quoted() || !word.equals(token.text()))) {
      add(
          LintCode.KEYWORD_AS_NAME,
          LintSeverity.INFO,
          "It is about a "
              + noun
              + " called "
              + token.text()
              + ", since the word is quoted or in capitals",
          "If the keyword was meant, write " + word + " in lower case and without quotes.");
    }
  }

  private void add(LintCode code, LintSeverity severity, String message, String cure) {
    findings.add(
        new LintFinding(code, severity, rule.file(), rule.line(), rule.id(), message, cure));
  }
}

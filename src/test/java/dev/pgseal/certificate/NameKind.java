package dev.pgseal.certificate;

/** The kinds of name a server is known by. */
enum NameKind {
  DNS("db.example.com", "db.example.com"),
  WILDCARD("*.example.com", "any.example.com"),
  IPV4("192.0.2.7", "192.0.2.7"),
  IPV6("2001:db8::7", "2001:db8::7"),
  IDN("bücher.example.com", "xn--bcher-kva.example.com");

  private final String endpoint;
  private final String host;

  NameKind(String endpoint, String host) {
    this.endpoint = endpoint;
    this.host = host;
  }

  /** What the certificate is asked for, as a person would type it. */
  String endpoint() {
    return endpoint;
  }

  /** The host a client asks for. */
  String host() {
    return host;
  }

  boolean isAddress() {
    return this == IPV4 || this == IPV6;
  }
}

package dev.pgseal.postgres;

/** Where a session goes to, as we see it from this machine. */
record SessionOrigin(String host, int port) {

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

package dev.pgseal.server;

/** What can be asked of a server, or of the servers of a rollout. */
public enum TlsMode {
  /** No TLS: {@code ssl=off}, plaintext admitted. */
  DISABLED,
  /** TLS for those who ask for it; plaintext still admitted. */
  OFFERED,
  /** TLS for everybody who comes over TCP; plaintext refused. */
  ENFORCED
}

package dev.pgseal.hba;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The first word of a record: which transports it is about (hba.c, check_hba). */
public enum ConnectionType {
  /** Unix socket. */
  LOCAL,
  /** Any TCP connection. */
  HOST,
  /** TCP inside TLS. */
  HOSTSSL,
  /** TCP not inside TLS: plaintext, and also GSSAPI-encrypted. */
  HOSTNOSSL,
  /** TCP encrypted by GSSAPI. */
  HOSTGSSENC,
  /** TCP not encrypted by GSSAPI: plaintext, and also TLS. */
  HOSTNOGSSENC;

  private static final List<ConnectionType> ALL = List.of(values());

  private final String keyword = name().toLowerCase(Locale.ROOT);

  /** The word in the file. */
  public String keyword() {
    return keyword;
  }

  /** The type of that exact, case-sensitive word. */
  static Optional<ConnectionType> of(String word) {
    for (ConnectionType type : ALL) {
      if (type.keyword().equals(word)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Whether a connection over this transport can be decided by a record of this type. */
  public boolean covers(Transport transport) {
    return switch (this) {
      case LOCAL -> transport == Transport.LOCAL;
      case HOST -> transport != Transport.LOCAL;
      case HOSTSSL -> transport == Transport.TLS;
      case HOSTNOSSL -> transport == Transport.PLAINTEXT || transport == Transport.GSS;
      case HOSTGSSENC -> transport == Transport.GSS;
      case HOSTNOGSSENC -> transport == Transport.PLAINTEXT || transport == Transport.TLS;
    };
  }
}

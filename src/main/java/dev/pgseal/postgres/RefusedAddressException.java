package dev.pgseal.postgres;

import java.io.IOException;

/** {@link dev.pgseal.egress.EgressRule} does not allow a connection to this address. */
final class RefusedAddressException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason such as {@code 169.254.169.254 is link-local, …}
   */
  RefusedAddressException(String reason) {
    super(reason);
  }
}

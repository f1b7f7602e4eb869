package dev.pgseal.certificate;

/**
 * One thing that a check of a certificate found.
 *
 * @param code stable, for programs
 * @param message what is wrong and where
 * @param hint how to mend it
 */
public record Finding(Severity severity, Code code, String message, String hint) {

  /** Whether the certificate can be used all the same. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /** What kind of thing. */
  public enum Code {
    KEY_MISMATCH,
    CHAIN_ORDER,
    NOT_YET_VALID_OR_EXPIRED,
    IS_AUTHORITY,
    WRONG_USAGE,
    WEAK_KEY,
    KEY_NOT_SUPPORTED_EVERYWHERE,
    WEAK_SIGNATURE,
    SIGNATURE_WITHOUT_CHANNEL_BINDING,
    NAME_MISMATCH,
    NAME_MISMATCH_OLD_CLIENTS,
    EXPIRES_SOON,
    /** Valid for less time than was asked. */
    VALID_SHORTER,
    /** A CSR asks for a name that will not be in the certificate. */
    NAME_NOT_ISSUED,
    /** A CSR asks to become an authority, or for another purpose than it gets. */
    PURPOSE_NOT_ISSUED
  }
}

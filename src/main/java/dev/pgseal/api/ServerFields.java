package dev.pgseal.api;

/** Rules and descriptions of the fields that registration and change of a server share. */
final class ServerFields {

  /** A host name or an address, and nothing that could end it in a URL or a file. */
  static final String HOST = "[^\\s/\\[\\]@?#'\"\\\\]{1,253}";

  static final String HOST_MESSAGE = "must be a host name or an IP address";

  static final String LABEL_KEY = "[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?";
  static final String LABEL_MESSAGE =
      "must have 1 to 63 letters, digits, dots, slashes, underscores and hyphens";

  static final String PASSWORD = "Stored sealed, never shown";
  static final String SSL_MODE = "How pgseal's own connections to it are encrypted";
  static final String ROOT_CERTIFICATE =
      "PEM of the authorities that VERIFY_CA and VERIFY_FULL trust";
  static final String ENDPOINTS =
      "Names and addresses that clients use; they become the certificate's subjectAltNames";
  static final String LABELS =
      "For selection in lists, and for tokens that are good for some servers only";

  private ServerFields() {}
}

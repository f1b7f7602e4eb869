package dev.pgseal.postgres;

/**
 * Why PostgreSQL would not load a certificate and its key (be-secure-openssl.c:be_tls_init,
 * be-secure-common.c:check_ssl_key_file_permissions).
 */
public enum SslFileFault {
  CERTIFICATE_MISSING("the certificate file does not exist"),
  CERTIFICATE_UNREADABLE("the certificate file cannot be read by the server"),
  CERTIFICATE_NOT_PEM("the certificate file holds no PEM certificate"),
  KEY_MISSING("the private key file does not exist (or its directory is closed to the server)"),
  KEY_NOT_REGULAR("the private key file is not a regular file"),
  KEY_GROUP_OR_WORLD_ACCESS(
      "the private key file has group or world access; its mode must be 0600 or less (0640 when "
          + "root owns it)"),
  KEY_WRONG_OWNER("the private key file belongs neither to the server's user nor to root"),
  KEY_UNREADABLE("the private key file cannot be read by the server"),
  KEY_ENCRYPTED(
      "the private key is encrypted; a reload cannot ask for its passphrase unless "
          + "ssl_passphrase_command_supports_reload is on"),
  KEY_NOT_PEM("the private key file holds no PEM private key"),
  KEY_MISMATCH("the private key does not belong to the certificate");

  private final String sentence;

  SslFileFault(String sentence) {
    this.sentence = sentence;
  }

  /** Half a sentence for people. */
  public String sentence() {
    return sentence;
  }
}

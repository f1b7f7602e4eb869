package dev.pgseal.postgres;

/** What a server does with a client certificate that is presented to it. */
public sealed interface ClientCertificateAnswer {

  /** The handshake went through with it. */
  record Taken() implements ClientCertificateAnswer {}

  /** The server asks for none: {@code ssl_ca_file} is not loaded. */
  record NotAsked() implements ClientCertificateAnswer {}

  /**
   * @param reason holds the alert, such as {@code certificate_revoked} or {@code unknown_ca}
   */
  record Refused(String reason) implements ClientCertificateAnswer {

    /** Because it is in the CRL. */
    public boolean revoked() {
      return reason.contains("certificate_revoked");
    }
  }

  /** Nothing that decides. */
  record Inconclusive(String reason) implements ClientCertificateAnswer {}
}

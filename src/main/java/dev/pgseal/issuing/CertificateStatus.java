package dev.pgseal.issuing;

/** What a certificate is worth at a moment. */
public enum CertificateStatus {
  ISSUED,
  EXPIRED,
  /** Stays so after it expired. */
  REVOKED
}

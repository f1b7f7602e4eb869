package dev.pgseal.issuing;

/** Which side of a connection a certificate identifies. */
public enum CertificatePurpose {
  /** extendedKeyUsage serverAuth, names in subjectAltName. */
  SERVER,
  /** extendedKeyUsage clientAuth, the role as common name. */
  CLIENT
}

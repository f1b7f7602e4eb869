package dev.pgseal.certificate;

/**
 * One block of a PEM text (RFC 7468).
 *
 * @param label what stands after BEGIN, such as {@code CERTIFICATE}
 * @param line line of the BEGIN marker, from 1
 * @param headers whether RFC 1421 headers are there ({@code Proc-Type: 4,ENCRYPTED})
 * @param text the whole block with both markers, LF
 * @param der the decoded content, as given: not yet parsed
 */
record PemBlock(String label, int line, boolean headers, String text, byte[] der) {

  boolean isCertificate() {
    return label.equals("CERTIFICATE") || label.equals("X509 CERTIFICATE");
  }

  boolean isPrivateKey() {
    return label.endsWith("PRIVATE KEY");
  }

  boolean isSigningRequest() {
    return label.equals("CERTIFICATE REQUEST") || label.equals("NEW CERTIFICATE REQUEST");
  }

  /** For messages: label and line, never the content. */
  String where() {
    return "the " + label + " block that begins in line " + line;
  }

  @Override
  public String toString() {
    return where();
  }
}

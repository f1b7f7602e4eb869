package dev.pgseal.certificate;

import java.security.PublicKey;

/** The key that a certificate is asked for, and the proof that the caller has its private half. */
public sealed interface RequestKey {

  PublicKey publicKey();

  /**
   * A PKCS#10 request in DER that asks for exactly these names, as a CA outside insists on (RFC
   * 8555 §7.4).
   *
   * @throws dev.pgseal.problem.PgsealException {@code CERTIFICATE_INVALID} when the private key is
   *     elsewhere and its request asks for other names
   */
  byte[] requestFor(SubjectAltNames names);

  /** The private key is here, so any request can be signed with it. */
  record Here(KeyMaterial key) implements RequestKey {
    @Override
    public PublicKey publicKey() {
      return key.publicKey();
    }

    @Override
    public byte[] requestFor(SubjectAltNames names) {
      return SigningRequestBuilder.server(key, names);
    }
  }

  /** Only a request came. */
  record Elsewhere(SigningRequest request) implements RequestKey {
    @Override
    public PublicKey publicKey() {
      return request.publicKey();
    }

    @Override
    public byte[] requestFor(SubjectAltNames names) {
      return request.requireNames(names);
    }
  }
}

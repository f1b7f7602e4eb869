package dev.pgseal.certificate;

import java.time.Duration;

/**
 * What a client's certificate is to be.
 *
 * @param commonName the role it logs in as, or the system name that pg_ident.conf maps (the {@code
 *     cert} method and {@code clientcert=verify-full} compare the CN, auth.c:CheckCertAuth)
 * @param validity from now on; never longer than the authority's own
 * @param keyType of the key that is made for it; a CSR brings its own
 */
public record ClientCertificateRequest(String commonName, Duration validity, KeyType keyType) {

  public ClientCertificateRequest {
    DistinguishedName.requireText("common name", commonName);
    Validity.requireAtLeast(validity, ServerCertificateRequest.MIN_VALIDITY);
  }
}

package dev.pgseal.security;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The {@code pgseal.mtls.*} properties: who calls with a client certificate. */
@ConfigMapping(prefix = "pgseal.mtls")
public interface MtlsSettings {

  /** PEM: whose client certificates are taken. Absent: none is asked for. */
  Optional<Path> authorityFile();

  /** CRLs of these authorities, PEM or DER; a certificate on one gets no connection. */
  Optional<List<Path>> revocationLists();

  /** By a name that is there to tell them apart. */
  Map<String, CertificateCaller> callers();

  /** Who has such a certificate, and what they may do. */
  interface CertificateCaller {

    /** The whole subject as in RFC 2253, such as {@code CN=deploy,O=Example}. */
    Optional<String> subject();

    /** A subjectAltName such as {@code URI:spiffe://example.org/deploy} or {@code DNS:ci.lan}. */
    Optional<String> san();

    Set<Role> roles();

    /** Labels such as {@code env=test}: the servers that have all of them. Absent: all. */
    Optional<List<String>> serverLabels();
  }
}

package dev.pgseal.issuing;

import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.ServerCertificateRequest;
import java.util.List;

/**
 * Whoever can be asked for a server's certificate: an authority of pgseal, or a CA outside.
 *
 * <p>Nothing is recorded here; see {@link CertificateRecords}.
 */
public interface CertificateIssuer {

  /**
   * Refuses what {@link #issueServer} would refuse, as far as that can be told without issuing.
   *
   * @return what would come out otherwise than asked, as far as that is known beforehand
   * @throws dev.pgseal.problem.PgsealException {@code POLICY_VIOLATION}, {@code
   *     CERTIFICATE_INVALID}
   */
  List<Finding> check(ServerCertificateRequest request, RequestKey key);

  /**
   * A certificate for the key that names the request's endpoints. A CA outside may take minutes and
   * decides about the validity itself.
   *
   * @throws dev.pgseal.problem.PgsealException as {@link #check} does, {@code ILLEGAL_STATE} when
   *     it cannot issue now, {@code ISSUER_FAULT} when a CA outside refuses or fails
   */
  IssuedCertificate issueServer(ServerCertificateRequest request, RequestKey key);
}

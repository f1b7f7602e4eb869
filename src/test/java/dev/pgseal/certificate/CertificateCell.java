package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.CLOCK;

import dev.pgseal.testing.PostgresMajors;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One cell of the table of all certificates: for a server's key of this type and a name of this
 * kind, signed by an authority with a key of that type.
 */
record CertificateCell(KeyType signer, KeyType key, NameKind name) {

  private static final List<NameKind> NAMES = List.of(NameKind.values());

  /** Every signature with every key and every name. */
  static Stream<CertificateCell> all() {
    return pairs().flatMap(pair -> NAMES.stream().map(pair::named));
  }

  /**
   * Every signature with every key, each with one name, so that every name meets every signature
   * and every key; the next major has the next name, so that {@link #all} are in five majors. With
   * {@code -Pfull} {@link #all} for each.
   */
  static Stream<CertificateCell> of(int major) {
    if (Boolean.getBoolean("pgseal.full")) {
      return all();
    }
    return pairs()
        .map(
            pair ->
                pair.named(
                    NAMES.get(
                        (pair.signer.ordinal() + pair.key.ordinal() + major - PostgresMajors.OLDEST)
                            % NAMES.size())));
  }

  private static Stream<CertificateCell> pairs() {
    return Arrays.stream(KeyType.values())
        .flatMap(
            signer ->
                Arrays.stream(KeyType.values())
                    .map(key -> new CertificateCell(signer, key, NameKind.DNS)));
  }

  private CertificateCell named(NameKind other) {
    return new CertificateCell(signer, key, other);
  }

  KeyMaterial serverKey() {
    return Fixtures.key(key);
  }

  /** A certificate below an intermediate authority. */
  IssuedCertificate issue() {
    return issue(Fixtures.issuing(signer));
  }

  IssuedCertificate issue(Authority authority) {
    return authority.issueServer(Fixtures.request(name.endpoint()), serverKey().publicKey(), CLOCK);
  }

  /** Of the same type as the server's, but for P-384, see {@link IssuedLint}. */
  KeyMaterial clientKey() {
    return Fixtures.key(key == KeyType.ECDSA_P384 ? KeyType.ECDSA_P256 : key);
  }

  /** A certificate for a client's key, signed by the same. */
  IssuedCertificate issueClient(String role, KeyMaterial clientKey) {
    return Fixtures.issuing(signer)
        .issueClient(
            new ClientCertificateRequest(role, Duration.ofDays(90), KeyType.DEFAULT),
            clientKey.publicKey(),
            CLOCK);
  }

  /** The current CRLs of the intermediate authority, with these certificates, and of its root. */
  List<RevocationList> revocationLists(IssuedCertificate... revoked) {
    return List.of(
        revocationList(Fixtures.issuing(signer), revoked), revocationList(Fixtures.root(signer)));
  }

  static RevocationList revocationList(Authority authority, IssuedCertificate... revoked) {
    List<RevokedCertificate> entries =
        Arrays.stream(revoked)
            .map(
                certificate ->
                    new RevokedCertificate(
                        certificate.leaf().getSerialNumber(),
                        CLOCK.instant(),
                        RevocationReason.KEY_COMPROMISE))
            .toList();
    return authority.issueCrl(BigInteger.ONE, entries, RevocationList.DEFAULT_LIFE, CLOCK);
  }

  @Override
  public String toString() {
    return "%s signs %s for %s".formatted(signer, key, name);
  }
}

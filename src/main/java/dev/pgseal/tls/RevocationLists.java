package dev.pgseal.tls;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.ClientCertificateRequest;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.RevocationList;
import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.certificate.RevokedCertificate;
import dev.pgseal.issuing.AuthorityStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.postgres.ClientIdentity;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The CRLs of the authorities. Each list also revokes a client certificate that was made for it
 * (its canary): a server that refuses the canary as revoked has loaded this very list.
 */
@ApplicationScoped
public class RevocationLists {

  /** No role should have this name; the certificate is revoked before anybody could use it. */
  private static final String CANARY = "pgseal-canary";

  private final AuthorityStore authorities;
  private final AuthorityGenerations generations;
  private final RevocationStore store;
  private final Clock clock;

  public RevocationLists(
      AuthorityStore authorities,
      AuthorityGenerations generations,
      RevocationStore store,
      Clock clock) {
    this.authorities = authorities;
    this.generations = generations;
    this.store = store;
    this.clock = clock;
  }

  /**
   * Signs a new list of each generation, with a number of its own.
   *
   * @param life until {@code nextUpdate}
   */
  public List<RevocationStore.SignedList> sign(String authority, Duration life) {
    StoredAuthority stored = require(authority);
    for (Authority generation : generations.open(stored)) {
      boolean kept = false;
      while (!kept) {
        kept = sign(stored, generation, life);
      }
    }
    return latest(stored);
  }

  /** The latest lists, signed first when an unexpired generation has none. */
  public List<RevocationStore.SignedList> ensure(String authority, Duration life) {
    StoredAuthority stored = require(authority);
    List<RevocationStore.SignedList> lists = latest(stored);
    return lists.size() == generations.unexpired(stored).size() ? lists : sign(authority, life);
  }

  /** The latest list of the generation that signs now; nothing is signed for it. */
  public Optional<RevocationStore.SignedList> find(String authority) {
    StoredAuthority stored = require(authority);
    return generations.chains(stored).stream()
        .limit(1)
        .map(this::listOf)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Whether it has an unexpired generation here whose certificate lets it sign CRLs. */
  public boolean canSign(StoredAuthority authority) {
    List<List<X509Certificate>> chains = generations.unexpired(authority);
    return !chains.isEmpty()
        && chains.stream().allMatch(chain -> RevocationList.canBeSignedBy(chain.get(0)));
  }

  /** Of unexpired generations; that which the one that signs now has signed comes first. */
  private List<RevocationStore.SignedList> latest(StoredAuthority stored) {
    return generations.unexpired(stored).stream()
        .map(this::listOf)
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<RevocationStore.SignedList> listOf(List<X509Certificate> chain) {
    return store.latest(CertificateDescription.fingerprint(chain.get(0)));
  }

  /**
   * What a server needs now, and what proves that it has loaded it.
   *
   * @param text the content of {@code ssl_crl_file}
   * @param canaries a certificate that each of the lists revokes
   */
  public record Current(String text, List<ClientIdentity> canaries) {

    public String sha256() {
      return Fingerprints.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /**
   * PostgreSQL wants a list of every authority of the path (X509_V_FLAG_CRL_CHECK_ALL), so the
   * lists of all that stand below the same roots are in it.
   *
   * @throws PgsealException {@code ILLEGAL_STATE} when an authority above is not one of ours
   */
  public Current current(String authority, Duration life) {
    for (List<X509Certificate> chain : generations.chains(require(authority))) {
      chain.subList(1, chain.size()).forEach(this::requireOurs);
    }
    while (true) {
      List<RevocationStore.SignedList> all = ofFamily(authority, life);
      StringBuilder text = new StringBuilder();
      all.forEach(list -> text.append(pem(list.der())));
      Current current = new Current(text.toString(), all.stream().map(this::canary).toList());
      if (numbers(all).equals(numbers(ofFamily(authority, life)))) {
        return current; // else the canaries may be of later lists
      }
    }
  }

  private List<RevocationStore.SignedList> ofFamily(String authority, Duration life) {
    return generations.family(require(authority)).stream()
        .flatMap(member -> ensure(member.name(), life).stream())
        .toList();
  }

  private static List<Long> numbers(List<RevocationStore.SignedList> lists) {
    return lists.stream().map(RevocationStore.SignedList::number).toList();
  }

  private void requireOurs(X509Certificate above) {
    boolean ours =
        authorities.list(null, Integer.MAX_VALUE).stream()
            .flatMap(stored -> generations.chains(stored).stream())
            .anyMatch(chain -> chain.get(0).equals(above));
    if (!ours) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "PostgreSQL needs a CRL of every authority of the path, and %s is not one of pgseal's"
                  .formatted(above.getSubjectX500Principal()))
          .hint("Rotate to an authority whose root pgseal holds");
    }
  }

  private ClientIdentity canary(RevocationStore.SignedList list) {
    byte[] key = store.canaryKey(list.issuer());
    try {
      return ClientIdentity.of(
          Pem.certificates(list.canaryChain()),
          Pem.privateKey(new String(key, StandardCharsets.US_ASCII), null).privateKey());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private boolean sign(StoredAuthority stored, Authority authority, Duration life) {
    String issuer = CertificateDescription.fingerprint(authority.certificate());
    long number =
        Stream.concat(store.lists(stored.name()).stream(), store.latest(issuer).stream())
                .mapToLong(RevocationStore.SignedList::number)
                .max()
                .orElse(0)
            + 1;
    KeyMaterial key = KeyType.DEFAULT.generate();
    IssuedCertificate canary =
        authority.issueClient(
            new ClientCertificateRequest(CANARY, life.plus(life), KeyType.DEFAULT),
            key.publicKey(),
            clock);
    List<RevokedCertificate> entries =
        new ArrayList<>(
            store.revoked(issuer, clock.instant()).stream()
                .map(
                    r ->
                        new RevokedCertificate(
                            new BigInteger(r.serial(), 16), r.revokedAt(), r.reason()))
                .toList());
    entries.add(
        new RevokedCertificate(
            canary.leaf().getSerialNumber(), clock.instant(), RevocationReason.UNSPECIFIED));
    RevocationList list = authority.issueCrl(BigInteger.valueOf(number), entries, life, clock);
    byte[] pem = key.pkcs8Pem();
    try {
      return store.keep(
          new RevocationStore.SignedList(
              issuer,
              stored.name(),
              number,
              list.der(),
              clock.instant(),
              list.nextUpdate(),
              canary.chainPem()),
          pem);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }

  private StoredAuthority require(String name) {
    return authorities
        .find(name)
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no authority named " + name));
  }

  private static String pem(byte[] der) {
    return "-----BEGIN X509 CRL-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END X509 CRL-----\n";
  }
}

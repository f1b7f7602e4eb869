package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CertificateStoresTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  @Test
  void anAuthoritysKeyIsSealedAndComesBackAsItWas() {
    var authorities = new JdbiAuthorityStore(DATABASE.jdbi(), DATABASE.secrets());
    byte[] key = "the key".getBytes(StandardCharsets.UTF_8);

    var stored = authorities.insert(authority("internal"), key);

    assertThat(authorities.find("internal")).contains(stored);
    assertThat(authorities.list(null, 10)).containsExactly(stored);
    assertThat(authorities.list("internal", 10)).isEmpty();
    assertThat(authorities.secret("internal")).isEqualTo(key);
    assertThatThrownBy(() -> authorities.insert(authority("internal"), key))
        .isInstanceOf(PgsealException.class);
    assertThatThrownBy(() -> authorities.secret("other")).isInstanceOf(PgsealException.class);
  }

  @Test
  void certificatesAreListedNewestFirstPerServer() {
    var certificates = new JdbiCertificateRecordStore(DATABASE.jdbi());
    ManagedServer server = DATABASE.insertServer();
    CertificateRecord older = certificate(server, "2026-01-01T00:00:00Z");
    CertificateRecord newer = certificate(server, "2026-02-01T00:00:00Z");
    certificates.insert(older);
    certificates.insert(newer);
    certificates.insert(certificate(DATABASE.insertServer(), "2026-03-01T00:00:00Z"));

    assertThat(certificates.list(CertificateQuery.ofServer(server.id()), null, 10))
        .containsExactly(newer, older);
    assertThat(certificates.list(CertificateQuery.ofServer(server.id()), newer.id(), 10))
        .containsExactly(older);
    assertThat(certificates.list(CertificateQuery.ALL, null, 10)).hasSize(3);
    assertThat(certificates.find(older.id())).contains(older);
  }

  @Test
  void onlyTheFirstTokenIsTheFirst() {
    var tokens = new JdbiTokenStore(DATABASE.jdbi());
    ApiToken first = token("first", null);
    ApiToken second = token("second", Instant.parse("2030-01-01T00:00:00Z"));

    assertThat(tokens.insertFirst(first, new byte[] {1})).isTrue();
    assertThat(tokens.insertFirst(second, new byte[] {2})).isFalse();
    tokens.insert(second, new byte[] {2});

    assertThat(tokens.findByHash(new byte[] {1})).contains(first);
    assertThat(tokens.findByHash(new byte[] {3})).isEmpty();
    assertThat(tokens.list(null, 10)).containsExactly(first, second);
    assertThatThrownBy(() -> tokens.insert(second, new byte[] {3}))
        .isInstanceOf(PgsealException.class);

    Instant use = Instant.parse("2026-02-01T00:00:00Z");
    tokens.used("first", use, use.minusSeconds(1));
    tokens.used("first", use.plusSeconds(1), use);
    assertThat(tokens.findByHash(new byte[] {1}).orElseThrow().lastUsedAt()).isEqualTo(use);
    assertThat(tokens.delete("first")).isTrue();
    assertThat(tokens.delete("first")).isFalse();
  }

  private static ApiToken token(String name, Instant expiresAt) {
    Grant grant = new Grant(Set.of(Role.OPERATOR, Role.APPROVER), Map.of("env", "test"));
    return new ApiToken(
        name,
        grant,
        "somebody",
        List.of("somebody", "pgseal"),
        Instant.parse("2026-01-01T00:00:00Z"),
        expiresAt,
        null);
  }

  private static CertificateRecord certificate(ManagedServer server, String createdAt) {
    Instant created = Instant.parse(createdAt);
    return new CertificateRecord(
        UUID.randomUUID(),
        CertificatePurpose.SERVER,
        null,
        server.id(),
        "0a",
        "ff",
        "CN=db.example.org",
        List.of("db.example.org"),
        created,
        created.plusSeconds(3600),
        "pem",
        "ann",
        null,
        null,
        created);
  }

  private static StoredAuthority authority(String name) {
    return StoredAuthority.active(
        name,
        AuthorityKind.ROOT,
        null,
        "chain",
        "ECDSA_P256",
        new AuthorityPolicy(
            Duration.ofDays(90), Set.of(KeyType.ECDSA_P256), List.of("example.org", "10.0.0.0/8")),
        Set.of(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING),
        Instant.parse("2026-01-01T00:00:00Z"));
  }
}

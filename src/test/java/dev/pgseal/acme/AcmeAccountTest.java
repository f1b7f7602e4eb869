package dev.pgseal.acme;

import static dev.pgseal.acme.AcmeFixture.account;
import static dev.pgseal.acme.AcmeFixture.open;
import static dev.pgseal.acme.AcmeFixture.refused;
import static dev.pgseal.acme.AcmeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.issuing.ExternalRegistration.Binding;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening accounts with a real ACME server that knows its customers by other means. */
class AcmeAccountTest {

  private static Pebble ca;

  @BeforeAll
  static void start() {
    ca = Pebble.startForItsCustomers();
  }

  @AfterAll
  static void stop() {
    if (ca != null) {
      ca.close();
    }
  }

  @Test
  void anAccountIsBoundToWhatTheCaKnowsAndCanBeUsedFromWhatIsKept() {
    ExternalAccount opened =
        account(
            ca, ca.directory(), ca.hook().webhook(), new Binding(Pebble.KEY_ID, Pebble.MAC_KEY));
    ExternalAccount kept = new ExternalAccount(opened.settings(), opened.secret());

    assertThat(kept.settings())
        .containsEntry("directory", ca.directory().toString())
        .containsKey("account")
        .containsKey("dnsWebhook");
    assertThat(kept.settings().toString() + kept)
        .doesNotContain(DnsHook.PASSWORD)
        .doesNotContain(Pebble.MAC_KEY);
    assertThat(new String(kept.secret(), StandardCharsets.UTF_8)).doesNotContain(Pebble.MAC_KEY);
    open(kept, ca)
        .issueServer(
            request("bound.example.com"), AcmeIssuersTest.here(KeyType.ECDSA_P256.generate()));
  }

  @Test
  void aWrongMacKeyIsRefusedByTheCaAndNotRepeated() {
    String wrong = Pebble.MAC_KEY.replace('z', 'a');

    PgsealException problem =
        refused(() -> account(ca, ca.directory(), null, new Binding(Pebble.KEY_ID, wrong)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("would not open an account");
    assertThat(problem.detail() + problem.members()).doesNotContain(wrong);
  }

  @Test
  void aBindingThatTheCaWantsIsMissed() {
    PgsealException problem = refused(() -> account(ca, ca.directory(), null, null));

    assertThat(problem.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
    assertThat(problem.members()).containsEntry("field", "acme.externalAccountBinding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"not base64url!", "c2hvcnQ"})
  void aMacKeyThatCannotBeOneIsRefusedAndNotRepeated(String macKey) {
    PgsealException problem =
        refused(() -> account(ca, ca.directory(), null, new Binding("kid-1", macKey)));

    assertThat(problem.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
    assertThat(problem.detail() + problem.members()).doesNotContain(macKey);
  }

  @Test
  void aDirectoryWhoseTlsIsNotVerifiedIsNotAsked() {
    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS.register(
                    new ExternalRegistration(ca.directory(), null, List.of(), null, null)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat((String) problem.members().get("hint")).contains("roots that verify the TLS");
  }

  @Test
  void aDirectoryThatIsNotThereIsTold() {
    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS.register(
                    new ExternalRegistration(
                        URI.create("http://127.0.0.1:1/dir"), null, List.of(), null, null)));

    assertThat(problem.type()).isEqualTo(ProblemType.ISSUER_FAULT);
    assertThat(problem.detail()).contains("127.0.0.1:1 cannot be reached");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://ca.example.com/dir",
        "http://127.0.0.1.example.com/dir",
        "http://10.0.0.5/dir",
        "https://user:password@ca.example.com/dir",
        "ftp://ca.example.com/dir",
        "/dir"
      })
  void onlyHttpsLeavesTheHost(String uri) {
    PgsealException problem =
        refused(
            () ->
                AcmeFixture.ISSUERS.register(
                    new ExternalRegistration(URI.create(uri), null, List.of(), null, null)));

    assertThat(problem.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
    assertThat(problem.members()).containsEntry("field", "acme.directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://ca.example.com/dir", "http://127.0.0.1:8080/dir", "http://[::1]/dir"})
  void httpsAndWhatStaysOnTheHostAreTaken(String uri) {
    assertThat(SecureUri.require(URI.create(uri), "acme.directory")).isEqualTo(URI.create(uri));
  }
}

package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.ProblemType;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectAltNamesTest {

  @Test
  void namesAndAddressesAreToldApartAndNormalised() {
    SubjectAltNames names =
        SubjectAltNames.of(
            List.of("DB.Example.com", "db.example.com", "192.0.2.1", "2001:DB8::1", "pg_primary"));

    assertThat(names.dnsNames()).containsExactly("db.example.com", "pg_primary", "192.0.2.1");
    assertThat(names.texts())
        .containsExactly("db.example.com", "pg_primary", "192.0.2.1", "2001:db8:0:0:0:0:0:1");
  }

  @Test
  void internationalNamesBecomeALabels() {
    assertThat(SubjectAltNames.of(List.of("Bücher.example", "*.例え.jp")).dnsNames())
        .containsExactly("xn--bcher-kva.example", "*.xn--r8jz45g.jp");
  }

  @Test
  void oldLibpqFindsAnIpv4AddressAmongTheNames() {
    SubjectAltNames with = SubjectAltNames.of(List.of("192.0.2.1"));
    SubjectAltNames without = SubjectAltNames.of(List.of("192.0.2.1"), false);

    assertThat(with.coversForLibpq14("192.0.2.1")).isTrue();
    assertThat(without.coversForLibpq14("192.0.2.1")).isFalse();
    assertThat(without.covers("192.0.2.1")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "db.example.com, DB.example.COM, true",
    "db.example.com, db.example.org, false",
    "*.example.com, db.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, a.b.example.com, false",
    "*.example.com, *.example.com, true",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::1, 2001:DB8:0::1, true",
    "xn--bcher-kva.example, bücher.example, true",
  })
  void aNameCoversWhatLibpqWouldMatch(String name, String endpoint, boolean covered) {
    assertThat(SubjectAltNames.of(List.of(name)).covers(endpoint)).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "db.",
        ".db",
        "a..b",
        "-a.example",
        "a-.example",
        "a b",
        "db:5432",
        "[::1]",
        "::1%eth0",
        "fe80::1::2",
        "::ffff:192.0.2.1",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.04",
        "1.2.3.4.5",
        "*",
        "*.com",
        "f*.example.com",
        "a.*.example.com",
        "**.example.com",
        "db,example",
        "db\u0000.example",
        "stra\u00DFe.example",
        "a\u200Db.example",
        "db/x",
        "db.example.com\n",
        "12345",
        "e\u0301\u0000",
        "xn--\u00E9.example"
      })
  void whatIsNeitherANameNorAnAddressIsRefused(String endpoint) {
    refusal(ProblemType.VALIDATION_FAILED, () -> SubjectAltNames.of(List.of(endpoint)));
  }

  @Test
  void labelsNamesAndListsHaveTheirLimits() {
    String label = "a".repeat(63);
    String longest = String.join(".", label, label, label, "a".repeat(61));

    assertThat(SubjectAltNames.of(List.of(longest)).dnsNames()).containsExactly(longest);
    for (List<String> endpoints :
        List.of(
            List.of(longest + "a"),
            List.of(label + "a"),
            List.of("*." + longest),
            List.<String>of(),
            Collections.nCopies(101, "db"))) {
      refusal(ProblemType.VALIDATION_FAILED, () -> SubjectAltNames.of(endpoints));
    }
  }
}

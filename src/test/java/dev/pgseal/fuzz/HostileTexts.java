package dev.pgseal.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts that did harm somewhere. */
final class HostileTexts {

  /** For wherever a text can stand. */
  static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "null",
          "undefined",
          "NaN",
          "-1",
          "99999999999999999999999999",
          "1e309",
          "0x10",
          "'",
          "\"",
          "\\",
          "';",
          "' OR '1'='1",
          "'; DROP TABLE managed_server; --",
          "\"; ALTER SYSTEM SET ssl = off; --",
          "$$; SELECT pg_reload_conf(); $$",
          "%s%s%s%n",
          "%",
          "_",
          "\\'; COPY (SELECT 1) TO PROGRAM 'touch /tmp/owned'; --",
          "$(touch /tmp/owned)",
          "`touch /tmp/owned`",
          "; touch /tmp/owned",
          "| cat /etc/passwd",
          "&& false",
          "\n",
          "\r\nSet-Cookie: owned=1",
          "\r\n\r\nHTTP/1.1 200 OK",
          "../../../../etc/passwd",
          "..\\..\\windows",
          "/etc/passwd",
          "file:///etc/passwd",
          "http://169.254.169.254/latest",
          "jdbc:postgresql://127.0.0.1:1/x",
          "a?socketFactory=java.lang.Object",
          "${jndi:ldap://127.0.0.1:1/a}",
          "${env:PATH}",
          "#{7*7}",
          "{{7*7}}",
          "<script>alert(1)</script>",
          "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
          "\uFEFF",
          "\u202Eabc",
          "İıſK",
          "é́́́",
          "\uD83D\uDE00",
          "\uD800",
          "a".repeat(64),
          "a".repeat(5_000),
          "é".repeat(2_000),
          "(a+)+$",
          "a".repeat(40) + "!",
          "(".repeat(2_000),
          "host all all 0.0.0.0/0 trust",
          "local all all trust\nhost all all all trust",
          "hostssl all \"/(a+)+$\" 0.0.0.0/0 md5",
          "@/etc/passwd",
          "include /etc/passwd",
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
          "-----BEGIN CERTIFICATE-----\n",
          "P999999999999Y",
          "PT-1S",
          "P99999D",
          "PT9223372036854775807S",
          "-999999999-01-01T00:00:00Z",
          "+1000000000-12-31T23:59:59.999999999Z",
          "2027-02-30T00:00:00Z",
          "9999-12-31T23:59:59Z");

  /** For a path or a query, as bytes on the wire; Latin-1, so that any byte can be among them. */
  static final List<String> RAW =
      List.of(
          "%",
          "%2",
          "%zz",
          "%00",
          "%0d%0aX-Owned:%201",
          "%c0%ae%c0%ae%c0%af",
          "%ff%fe",
          "%ed%a0%80",
          "%2e%2e%2f%2e%2e%2f",
          "..%2f..%2fetc%2fpasswd",
          "..",
          ".",
          "%25%32%66",
          "%u0041",
          "a;b=c",
          ";jsessionid=1",
          "a%3Aplan",
          "%5c..%5c",
          "+",
          "%20",
          "%e2%80%ae",
          "'--",
          "%27%3BSELECT%20pg_sleep(10)--",
          "$(id)",
          "|id",
          "{server}",
          "[]",
          "\u00ff\u00fe",
          "a".repeat(300),
          "a".repeat(3_000),
          "%61".repeat(500));

  private HostileTexts() {}

  /** Percent-encoded as a whole; what is no character becomes what UTF-8 makes of it. */
  static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      encoded.append(String.format("%%%02X", b));
    }
    return encoded.toString();
  }
}

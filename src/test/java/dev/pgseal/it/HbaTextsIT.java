package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The engine on texts in the request, and what it says of a server's own file. */
class HbaTextsIT {

  /** Of POSTGRES' own replies to hostile spelling; none of them needs DNS. */
  private static final List<String> LINES =
      List.of(
          "\"local\" all all trust",
          "LOCAL all all trust",
          "host all all 127.0.0.1 trust",
          "host all all 010.0.0.1/32 trust",
          "host a, b x all trust",
          "host a ,b x all trust",
          "host a\"ll\" x all trust",
          "host all \"+grp\" all trust",
          "host \"a\"\"b\" x all trust",
          "host all all all#x trust",
          "host all all samenet/8 trust",
          "host /( u all trust",
          "include x",
          "hostssl all all all md5 clientcert=1",
          "host all all .example.com 255.0.0.0 trust",
          "hostssl all all all cert map=x,clientcert=verify-full",
          "local all all trust \\",
          "host all all 10.0.0.0/33 trust");

  private static final String RULES =
      """
      local all postgres peer
      host shop app 10.0.0.0/8 scram-sha-256
      hostssl shop app 10.2.0.0/16 scram-sha-256
      """;

  @RegisterExtension static final SharedPostgres POSTGRES = new SharedPostgres();

  @BeforeEach
  void start() {
    Application.shared();
  }

  @PostgresMajors
  void eachLineIsJudgedAsPostgresqlItselfJudgesIt(int major) {
    PostgresServer server = POSTGRES.on(major);
    String before = server.hba();
    List<String> disagreements = new ArrayList<>();
    try {
      for (String line : LINES) {
        if (major < 16 || !line.startsWith("include")) {
          String text = before + "\n" + line + "\n";
          server.writeHba(text);
          String theirs = theirs(server);
          String ours = ours(major, text);
          if (!ours.equals(theirs)) {
            disagreements.add(line + "\n ours   " + ours + "\n theirs " + theirs);
          }
        }
      }
    } finally {
      server.writeHba(before);
    }
    assertThat(disagreements).isEmpty();
  }

  /** The last row: its line, whether it loads, its fields or its error. */
  private static String theirs(PostgresServer server) {
    return server.query(
        """
        SELECT concat_ws('|', line_number, type IS NOT NULL,
                 coalesce(type, ''), array_to_string(database, ','), array_to_string(user_name, ','),
                 coalesce(address, ''), coalesce(netmask, ''), coalesce(auth_method, ''),
                 coalesce(error, ''))
          FROM pg_hba_file_rules ORDER BY line_number DESC LIMIT 1
        """);
  }

  private static String ours(int major, String text) {
    JsonPath answer =
        ask("parse", Map.of("postgresMajor", major, "text", text, "server", Map.of("ssl", false)))
            .statusCode(200)
            .extract()
            .jsonPath();
    Map<String, Object> last = answer.getMap("records[-1]");
    String verdict = String.valueOf(last.get("verdict"));
    assertThat(answer.getBoolean("reloadRefused")).isEqualTo(verdict.equals("REFUSED"));
    Object error = last.getOrDefault("viewError", last.getOrDefault("error", ""));
    if (verdict.equals("REFUSED")) {
      return last.get("line") + "|f|||||" + error;
    }
    JsonPath rule = answer.setRootPath("records[-1].rule");
    return String.join(
        "|",
        String.valueOf(last.get("line")),
        "t",
        rule.getString("type"),
        String.join(",", rule.<String>getList("databases.text")),
        String.join(",", rule.<String>getList("users.text")),
        text(rule.getString("address")),
        text(rule.getString("netmask")),
        rule.getString("method"),
        String.valueOf(error));
  }

  private static String text(String value) {
    return value == null ? "" : value;
  }

  @Test
  void aTextOfCurlIsEnough() {
    plain("parse?postgresMajor=16", RULES + "host all all 10.0.0.0 md5\n")
        .statusCode(200)
        .body("reloadRefused", equalTo(true))
        .body("accepted", equalTo(3))
        .body("refused", equalTo(1))
        .body("records[3].verdict", equalTo("REFUSED"))
        .body("records[3].line", equalTo(4))
        .body("records[3].column", equalTo(23))
        .body("records[3].error", containsString("invalid IP mask \"md5\""));
    plain("lint?postgresMajor=16", RULES)
        .statusCode(200)
        .body("reloadRefused", equalTo(false))
        .body("errors", equalTo(0))
        .body("warnings", equalTo(2))
        .body("findings.code", hasItems("ADMITS_PLAINTEXT", "UNREACHABLE"));
    plain("prove?postgresMajor=16", RULES)
        .statusCode(200)
        .body("verdict", equalTo("NOT_ENFORCED"))
        .body("witnesses.line", equalTo(List.of(2)))
        .body("unreachable.line", equalTo(List.of(3)));
    plain("parse", RULES)
        .statusCode(400)
        .body("type", equalTo("/problems/bad-request"))
        .body("parameter", equalTo("postgresMajor"));
    plain("parse?postgresMajor=13", RULES).statusCode(400);
  }

  @Test
  void recordsOfOneVerdictAreToldAndAllAreCounted() {
    plain("parse?postgresMajor=16&verdict=REFUSED", "local all all trust\n".repeat(2_000) + "bad\n")
        .statusCode(200)
        .body("accepted", equalTo(2_000))
        .body("records.line", equalTo(List.of(2_001)))
        .body("omitted", equalTo(0));
    plain("parse?postgresMajor=16", "local all all trust\n".repeat(2_000) + "bad\n")
        .body("records.size()", equalTo(1_000))
        .body("omitted", equalTo(1_001));
  }

  @Test
  void aTreeOfFilesIsFollowed() {
    Map<String, String> files = new HashMap<>();
    files.put("conf/pg_hba.conf", "local all postgres peer\ninclude_dir hba.d\n");
    files.put("conf/hba.d/20.conf", "host @../names.txt app 10.0.0.0/8 md5\n");
    files.put("conf/hba.d/10.conf", "hostssl all all all scram-sha-256\n");
    files.put("conf/hba.d/readme", "no rules\n");
    files.put("conf/names.txt", "shop\nbooks\n");
    Map<String, Object> texts =
        Map.of("postgresMajor", 17, "main", "conf/pg_hba.conf", "files", files);
    ask("parse", texts)
        .statusCode(200)
        .body(
            "records.file",
            equalTo(List.of("conf/pg_hba.conf", "conf/hba.d/10.conf", "conf/hba.d/20.conf")))
        .body("records[2].rule.databases.text", equalTo(List.of("shop", "books")));
    files.remove("conf/names.txt");
    ask("parse", texts)
        .body("reloadRefused", equalTo(true))
        .body("records[2].error", containsString("could not open file \"conf/names.txt\""));
    ask("parse", Map.of("postgresMajor", 17, "text", "include more.conf\n"))
        .body("notRead", equalTo(1))
        .body("records[0].verdict", equalTo("NOT_READ"));
    ask("parse", Map.of("postgresMajor", 17, "main", "other", "files", files))
        .statusCode(400)
        .body("field", equalTo("main"));
    ask("parse", Map.of("postgresMajor", 17)).statusCode(400).body("field", equalTo("text"));
  }

  @Test
  void bytesThatAreNoUtf8Survive() {
    byte[] latin = "local caf\u00e9 all peer\n".getBytes(StandardCharsets.ISO_8859_1);
    ask(
            "parse",
            Map.of("postgresMajor", 16, "textBase64", Base64.getEncoder().encodeToString(latin)))
        .statusCode(200)
        .body("records[0].rule.databases[0].text", equalTo("caf\u00e9"));
    ask("parse", Map.of("postgresMajor", 16, "textBase64", "?"))
        .statusCode(400)
        .body("field", equalTo("textBase64"));
  }

  @Test
  void theDecidingRuleIsNamedOrWhatItHangsOn() {
    evaluate("hostssl shop +staff 10.0.0.0/8 md5", Map.of("memberOf", List.of("staff")))
        .body("decision", equalTo("DECIDED"))
        .body("admitted", equalTo(true))
        .body("rule.line", equalTo(1));
    evaluate("hostssl shop +staff 10.0.0.0/8 md5", Map.of("memberOf", List.of()))
        .body("decision", equalTo("NO_MATCH"));
    evaluate("hostssl shop +staff 10.0.0.0/8 md5", Map.of())
        .body("decision", equalTo("UNDECIDABLE"))
        .body("explanation", containsString("the roles of app are not known"));
    evaluate("host all all db.example.com md5", Map.of())
        .body("decision", equalTo("UNDECIDABLE"))
        .body("explanation", containsString("depends on DNS"));
    evaluate("host all all .example.com md5", Map.of("clientHostName", "db.example.com"))
        .body("decision", equalTo("DECIDED"));
    evaluate("host /^(?=shop)shop$ all all md5", Map.of())
        .body("decision", equalTo("UNDECIDABLE"))
        .body("explanation", containsString("regular expression"));
    evaluate("host all all samenet md5", Map.of()).body("decision", equalTo("UNDECIDABLE"));
    evaluate("host all all 10.0.0.0 md5", Map.of())
        .body("decision", equalTo("UNDECIDABLE"))
        .body("explanation", containsString("would refuse this file"));
  }

  @Test
  void whatTheServerKnowsIsGivenWithTheText() {
    Map<String, Object> connection =
        Map.of("database", "shop", "username", "app", "clientAddress", "10.0.0.77");
    for (String address : List.of("10.0.0.5/24", "10.0.1.5/24")) {
      ask(
              "evaluate",
              Map.of(
                  "postgresMajor",
                  16,
                  "text",
                  "host all all samenet md5\n",
                  "server",
                  Map.of("interfaces", List.of(address)),
                  "connection",
                  connection))
          .statusCode(200)
          .body("decision", equalTo(address.startsWith("10.0.0") ? "DECIDED" : "NO_MATCH"));
    }
    ask(
            "parse",
            Map.of(
                "postgresMajor",
                16,
                "text",
                "hostssl all all all cert\nhostgssenc all all all gss\n",
                "server",
                Map.of("ssl", false, "gssapi", false)))
        .body("cannotMatch", equalTo(1))
        .body("records[1].verdict", equalTo("REFUSED"));
    ask(
            "lint",
            Map.of(
                "postgresMajor",
                16,
                "text",
                "hostssl all all 10.0.0.0/8 cert\n",
                "server",
                Map.of("sslCaFile", false)))
        .body("errors", equalTo(1))
        .body("findings[0].code", equalTo("CLIENTCERT_WITHOUT_CA"));
    ask(
            "prove",
            Map.of(
                "postgresMajor",
                16,
                "text",
                "host all all samehost md5\n",
                "server",
                Map.of("interfaces", List.of("10.0.0.5"))))
        .statusCode(400)
        .body("field", equalTo("server.interfaces"));
  }

  @Test
  void moreInterfacesThanAnyServerHasAreRefused() {
    ask(
            "lint",
            Map.of(
                "postgresMajor",
                16,
                "text",
                RULES,
                "server",
                Map.of("interfaces", Collections.nCopies(101, "10.0.0.5/24"))))
        .statusCode(400)
        .body("violations.field", equalTo(List.of("server.interfaces")));
  }

  @Test
  void aConversionIsShownWithItsProofInEveryFile() {
    ask(
            "convert",
            Map.of(
                "postgresMajor",
                16,
                "files",
                Map.of(
                    "pg_hba.conf", "local all postgres peer\ninclude apps.conf\n",
                    "apps.conf", "# apps\nhost shop app 10.0.0.0/8 scram-sha-256\n"),
                "direction",
                "ENFORCE"))
        .statusCode(200)
        .body("proof.verdict", equalTo("ENFORCED"))
        .body("edits[0].file", equalTo("apps.conf"))
        .body("edits[0].line", equalTo(2))
        .body(
            "diff",
            equalTo(
                """
                --- apps.conf
                +++ apps.conf
                @@ -1,2 +1,2 @@
                 # apps
                -host shop app 10.0.0.0/8 scram-sha-256
                +hostssl shop app 10.0.0.0/8 scram-sha-256
                """));
    ask(
            "convert",
            Map.of("postgresMajor", 16, "text", RULES, "direction", "ENFORCE", "strategy", "GUARD"))
        .body("proof.verdict", equalTo("ENFORCED"))
        .body("edits[0].before", equalTo(""));
    ask(
            "convert",
            Map.of("postgresMajor", 16, "text", "hostssl a b all md5\n", "direction", "RELAX"))
        .body("edits[0].after", equalTo("host a b all md5".replace("    ", " ")))
        .body("proof.verdict", equalTo("NOT_ENFORCED"));
    ask("convert", Map.of("postgresMajor", 16, "text", "bad\n", "direction", "ENFORCE"))
        .statusCode(422)
        .body("type", equalTo("/problems/hba-invalid"))
        .body("line", equalTo(1));
  }

  @Test
  void secretsAreNotRepeated() {
    String secret = "ldapserver=l ldapprefix=a ldapbindpasswd=hush";
    String text =
        "host a b 10.0.0.0/8 ldap ldapserver=l ldapbasedn=b ldapbindpasswd=\"hush hush\"\n"
            + "host all all 10.0.0.0/8 ldap "
            + secret
            + "\n# ldapbindpasswd=hush \\\n# ldapbindpasswd=hush\n";
    for (String verb : List.of("parse", "lint", "prove", "convert")) {
      Map<String, Object> body = new HashMap<>(Map.of("postgresMajor", 16, "text", text));
      if (verb.equals("convert")) {
        body.put("direction", "ENFORCE");
      }
      assertThat(ask(verb, body).extract().asString()).doesNotContain("hush");
      body.put("text", text.lines().findFirst().orElseThrow() + "\n");
      assertThat(ask(verb, body).statusCode(200).extract().asString()).doesNotContain("hush");
    }
  }

  @Test
  void aServersOwnFileIsLintedAndProved() {
    PostgresServer postgres = POSTGRES.latest();
    String before = postgres.hba();
    try {
      postgres.writeHba(
          """
          local all all trust
          host all all 127.0.0.1/32 scram-sha-256
          hostssl all all 10.0.0.0/8 cert
          host all all 10.1.0.0/16 gss
          """);
      String server = "/v1/servers/" + Managed.register(postgres);
      server(server + "/hba:lint")
          .statusCode(200)
          .body("reloadRefused", equalTo(true))
          .body("findings.find { it.code == 'REFUSED' }.line", equalTo(4))
          .body("findings.find { it.code == 'CANNOT_MATCH' }.line", equalTo(3));
      postgres.writeHba("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
      server(server + "/hba:prove")
          .statusCode(200)
          .body("verdict", equalTo("NOT_ENFORCED"))
          .body("witnesses[0].line", equalTo(2))
          .body("witnesses[0].attempt.clientAddress", equalTo("127.0.0.1"));
      server(server + "/hba:prove?exceptLoopback=true").body("verdict", equalTo("ENFORCED"));
      server(server + "/hba:prove?exceptLoopback=perhaps").statusCode(400);
    } finally {
      postgres.writeHba(before);
      postgres.reload();
    }
  }

  private static ValidatableResponse server(String path) {
    return given().urlEncodingEnabled(false).post(path).then();
  }

  private static ValidatableResponse evaluate(String line, Map<String, ?> known) {
    Map<String, Object> connection = new HashMap<>(known);
    connection.put("database", "shop");
    connection.put("username", "app");
    connection.put("clientAddress", "10.1.2.3");
    connection.put("transport", "TLS");
    return ask(
            "evaluate", Map.of("postgresMajor", 16, "text", line + "\n", "connection", connection))
        .statusCode(200);
  }

  private static ValidatableResponse plain(String verb, String text) {
    return given()
        .urlEncodingEnabled(false)
        .contentType("text/plain")
        .body(text.getBytes(StandardCharsets.UTF_8))
        .post("/v1/hba:" + verb)
        .then();
  }

  private static ValidatableResponse ask(String verb, Map<String, ?> body) {
    return given().urlEncodingEnabled(false).body(body).post("/v1/hba:" + verb).then();
  }
}

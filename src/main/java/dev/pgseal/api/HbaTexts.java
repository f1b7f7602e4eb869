package dev.pgseal.api;

import dev.pgseal.hba.GivenFiles;
import dev.pgseal.hba.HbaDialect;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.LintOptions;
import dev.pgseal.hba.ProofOptions;
import dev.pgseal.hba.ServerInterfaces;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Files of a request, and what is to be assumed of the server that would read them. */
interface HbaTexts {

  /** For the contract; {@link dev.pgseal.hba.HbaLimits} has the numbers. */
  String LIMITS =
      "At most 200 files, 1 MiB a line, 16 MiB a file and all that is read (a file counted as often as it is included), 500000 lines, 1000000 words; beyond it the answer is 413 with limit";

  /** Files in one request; a tree of PostgreSQL's has a handful. */
  int MOST_FILES = 200;

  /** Characters of a path; MAXPGPATH is 1024. */
  int PATH = 1023;

  @Schema(description = "whose PostgreSQL would read the files")
  Integer postgresMajor();

  @Schema(description = "of one file", examples = "hostssl all all all scram-sha-256")
  @Nullable String text();

  @Schema(
      description = "the same for bytes that are no UTF-8",
      examples = "bG9jYWwgYWxsIGFsbCBwZWVyCg==")
  @Nullable String textBase64();

  @Schema(
      description =
          "in place of text: the texts of a tree by their paths, as include and @ refer to them")
  @Nullable Map<String, String> files();

  @Schema(description = "files whose bytes are no UTF-8, by their paths")
  @Nullable Map<String, String> filesBase64();

  @Schema(
      description = "path of the main file; pg_hba.conf when absent, or the only one",
      examples = "pg_hba.conf")
  @Nullable String main();

  @Schema(description = "what the server would know")
  @Nullable Facts server();

  /**
   * What a server would know.
   *
   * @param interfaces addresses with the length of their prefix
   */
  @Schema(name = "HbaServerFacts")
  record Facts(
      @Nullable @Schema(description = "the setting ssl; on when absent") Boolean ssl,
      @Nullable @Schema(description = "whether ssl_ca_file is set; unknown when absent")
          Boolean sslCaFile,
      @Nullable @Schema(description = "built with GSSAPI; so it is when absent") Boolean gssapi,
      @Nullable
          @Size(max = 100)
          @Schema(
              description =
                  "addresses of the server with the length of their prefix, for samehost and"
                      + " samenet; unknown when absent",
              examples = "[\"10.0.0.5/24\", \"127.0.0.1/8\", \"::1/128\"]")
          List<@NotNull String> interfaces) {}

  /**
   * @throws PgsealException {@code VALIDATION_FAILED} for texts that are missing or given twice
   */
  default HbaDocument parse() {
    HbaDialect dialect = dialect();
    byte[] lone = alternative("text", text(), textBase64());
    if (lone != null && files() == null && filesBase64() == null) {
      return HbaDocument.parse(lone, dialect);
    }
    if (lone != null) {
      throw invalid("files", "text and files exclude each other");
    }
    Map<String, byte[]> contents = contents();
    return HbaDocument.parse(mainFile(contents), new GivenFiles(contents), dialect);
  }

  default LintOptions lintOptions() {
    Facts facts = server();
    return new LintOptions(facts == null ? null : facts.sslCaFile());
  }

  default ProofOptions proofOptions(boolean exceptLoopback) {
    ProofOptions options =
        exceptLoopback ? ProofOptions.STRICT.withLoopbackExcepted() : ProofOptions.STRICT;
    ServerInterfaces interfaces = interfaces();
    return interfaces == null ? options : options.withInterfaces(interfaces);
  }

  default @Nullable ServerInterfaces interfaces() {
    Facts facts = server();
    return facts == null || facts.interfaces() == null
        ? null
        : ServerInterfaces.of(facts.interfaces());
  }

  private HbaDialect dialect() {
    HbaDialect dialect = HbaDialect.of(postgresMajor());
    Facts facts = server();
    if (facts == null) {
      return dialect;
    }
    if (Boolean.FALSE.equals(facts.gssapi())) {
      dialect = dialect.withoutGssapi();
    }
    return Boolean.FALSE.equals(facts.ssl()) ? dialect.withSsl(false) : dialect;
  }

  private Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new HashMap<>();
    Objects.requireNonNullElse(files(), Map.<String, String>of())
        .forEach((path, text) -> contents.put(path, text.getBytes(StandardCharsets.UTF_8)));
    Objects.requireNonNullElse(filesBase64(), Map.<String, String>of())
        .forEach(
            (path, base64) -> {
              if (contents.put(path, decoded("filesBase64", base64)) != null) {
                throw invalid("filesBase64", "A file is in files and in filesBase64");
              }
            });
    if (contents.isEmpty()) {
      throw invalid("text", "There is no text");
    }
    if (contents.keySet().stream().anyMatch(path -> path.isEmpty() || path.length() > PATH)) {
      throw invalid("files", "A path must have 1 to " + PATH + " characters");
    }
    if (contents.size() > MOST_FILES) {
      throw invalid("files", "There must be at most " + MOST_FILES + " files");
    }
    return contents;
  }

  private String mainFile(Map<String, byte[]> contents) {
    String main = main();
    if (main == null) {
      main = contents.size() == 1 ? contents.keySet().iterator().next() : HbaDocument.LONE_FILE;
    }
    if (!contents.containsKey(main)) {
      throw invalid("main", "main must be one of the files");
    }
    return main;
  }

  private static byte @Nullable [] alternative(
      String field, @Nullable String text, @Nullable String base64) {
    if (text != null && base64 != null) {
      throw invalid(field, field + " and " + field + "Base64 exclude each other");
    }
    if (base64 != null) {
      return decoded(field + "Base64", base64);
    }
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] decoded(String field, String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw invalid(field, field + " must be base64");
    }
  }

  private static PgsealException invalid(String field, String detail) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail)
        .with("field", field)
        .hint("Give the text of one file as text, or those of a tree as files with their paths");
  }
}

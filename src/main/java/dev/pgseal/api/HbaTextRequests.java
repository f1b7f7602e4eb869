package dev.pgseal.api;

import dev.pgseal.hba.ConnectionAttempt;
import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.Transport;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.RulesConversion;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What is asked about texts; {@link HbaTexts} says what the fields of all of them mean. */
final class HbaTextRequests {

  private HbaTextRequests() {}

  /** The text of pg_hba.conf, alone or with the files that it refers to. */
  @Schema(name = "HbaTexts", description = HbaTexts.LIMITS)
  public record Texts(
      @NotNull @Min(14) @Max(18) Integer postgresMajor,
      @Nullable String text,
      @Nullable String textBase64,
      @Nullable Map<@NotNull String, @NotNull String> files,
      @Nullable Map<@NotNull String, @NotNull String> filesBase64,
      @Nullable String main,
      @Nullable @Valid Facts server)
      implements HbaTexts {

    static Texts of(int postgresMajor, byte[] content) {
      return new Texts(
          postgresMajor, null, Base64.getEncoder().encodeToString(content), null, null, null, null);
    }
  }

  /** Texts, and a connection to be judged by them. */
  @Schema(name = "HbaTextEvaluationRequest", description = HbaTexts.LIMITS)
  public record Evaluation(
      @NotNull @Min(14) @Max(18) Integer postgresMajor,
      @Nullable String text,
      @Nullable String textBase64,
      @Nullable Map<@NotNull String, @NotNull String> files,
      @Nullable Map<@NotNull String, @NotNull String> filesBase64,
      @Nullable String main,
      @Nullable @Valid Facts server,
      @NotNull @Valid Connection connection)
      implements HbaTexts {}

  /**
   * A connection as the server sees it.
   *
   * @param memberOf roles that the user is a member of, directly or not
   */
  @Schema(name = "HbaConnection")
  public record Connection(
      @NotBlank @Schema(examples = "shop") String database,
      @NotBlank @Schema(examples = "app") String username,
      @Nullable
          @Schema(
              description = "IPv4 or IPv6 literal; a Unix socket when absent",
              examples = "10.1.2.3")
          String clientAddress,
      @Nullable @Schema(description = "PLAINTEXT when absent and an address is given")
          Transport transport,
      @Nullable Boolean physicalReplication,
      @Nullable
          @Schema(
              description =
                  "roles that the user is a member of, directly or not, for +role and samerole;"
                      + " unknown when absent",
              examples = "[\"staff\"]")
          List<@NotNull String> memberOf,
      @Nullable
          @Schema(
              description = "what DNS says of the client's address; unknown when absent",
              examples = "app1.example.com")
          String clientHostName) {

    ConnectionAttempt attempt(HbaTexts texts) {
      ConnectionAttempt attempt =
          AdmissionForecast.attempt(
              clientAddress,
              transport,
              database,
              username,
              Boolean.TRUE.equals(physicalReplication));
      if (memberOf != null) {
        attempt = attempt.withRoles(Set.copyOf(memberOf));
      }
      if (clientHostName != null) {
        attempt = attempt.withHostName(clientHostName);
      }
      var interfaces = texts.interfaces();
      return interfaces == null ? attempt : attempt.withInterfaces(interfaces);
    }
  }

  /** Texts, and what shall become of them. */
  @Schema(name = "HbaTextConversionRequest", description = HbaTexts.LIMITS)
  public record Conversion(
      @NotNull @Min(14) @Max(18) Integer postgresMajor,
      @Nullable String text,
      @Nullable String textBase64,
      @Nullable Map<@NotNull String, @NotNull String> files,
      @Nullable Map<@NotNull String, @NotNull String> filesBase64,
      @Nullable String main,
      @Nullable @Valid Facts server,
      @NotNull @Schema(description = "RELAX goes by meaning: earlier changes are not known")
          RulesConversion.Direction direction,
      @Schema(description = "DROP when absent") ConversionOptions.@Nullable Gss gss,
      @Schema(description = "ENFORCE when absent") ConversionOptions.@Nullable Loopback loopback,
      @Schema(description = "REWRITE when absent") ConversionOptions.@Nullable Strategy strategy)
      implements HbaTexts {

    ConversionOptions options() {
      return ConversionOptions.DEFAULT
          .withGss(Objects.requireNonNullElse(gss, ConversionOptions.DEFAULT.gss()))
          .withLoopback(Objects.requireNonNullElse(loopback, ConversionOptions.DEFAULT.loopback()))
          .withStrategy(Objects.requireNonNullElse(strategy, ConversionOptions.DEFAULT.strategy()));
    }
  }
}

package dev.pgseal.api;

import dev.pgseal.hba.ConversionOptions;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How rules become TLS only, as far as a caller says so. */
@Schema(name = "ConversionChoice")
public record ConversionChoice(
    @Schema(description = "DROP when absent") ConversionOptions.@Nullable Gss gss,
    @Schema(description = "ENFORCE when absent") ConversionOptions.@Nullable Loopback loopback,
    @Schema(description = "REWRITE when absent") ConversionOptions.@Nullable Strategy strategy,
    @Schema(description = "COMMENT_OUT when absent")
        ConversionOptions.@Nullable Hostnossl hostnossl) {

  ConversionOptions toOptions() {
    ConversionOptions otherwise = ConversionOptions.DEFAULT;
    return new ConversionOptions(
        Objects.requireNonNullElse(gss, otherwise.gss()),
        Objects.requireNonNullElse(loopback, otherwise.loopback()),
        Objects.requireNonNullElse(strategy, otherwise.strategy()),
        Objects.requireNonNullElse(hostnossl, otherwise.hostnossl()));
  }
}

package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * What a lint knows about the server beside its file.
 *
 * @param clientCaConfigured whether {@code ssl_ca_file} is set; null when unknown
 */
public record LintOptions(@Nullable Boolean clientCaConfigured) {

  public static final LintOptions UNKNOWN_SERVER = new LintOptions(null);
}

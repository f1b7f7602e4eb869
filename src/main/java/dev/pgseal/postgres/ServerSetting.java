package dev.pgseal.postgres;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_settings}.
 *
 * @param source such as {@code default}, {@code configuration file}, {@code command line}
 * @param sourceFile null when our role may not see it or there is none
 */
public record ServerSetting(
    String name,
    @Nullable String value,
    String source,
    @Nullable String sourceFile,
    String context,
    boolean pendingRestart) {

  /** {@code ALTER SYSTEM} is accepted but changes nothing (POSTGRES source guc.c). */
  public boolean fixedOnCommandLine() {
    return "command line".equals(source);
  }
}

package dev.pgseal.postgres;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_file_settings} with an error.
 *
 * @param file null when PostgreSQL does not say
 * @param name the setting, null for a line that is no setting at all
 * @param error as PostgreSQL words it
 */
public record SettingsFileError(
    @Nullable String file, @Nullable Integer line, @Nullable String name, String error) {

  /**
   * With this error in the files a reload applies no setting at all ({@code contains errors; no
   * changes were applied}). False for a value that merely cannot be applied now, such as a changed
   * setting that waits for a restart: the others are applied then (guc-file.l, guc.c:
   * ProcessConfigFileInternal).
   */
  public boolean blocksReload() {
    return !error.equals("setting could not be applied");
  }
}

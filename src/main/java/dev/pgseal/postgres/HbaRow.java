package dev.pgseal.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_hba_file_rules}: how PostgreSQL reads the file on disk now. Quotes and
 * comments are lost; a file must never be made from it.
 *
 * @param ruleNumber place among the valid rules; null before 16 and for refused lines
 * @param fileName null before 16
 * @param type such as {@code hostssl}; null for a line that PostgreSQL refuses
 * @param options with the secrets among them masked
 * @param error also set for a rule that loads but cannot match, such as {@code hostssl} while ssl
 *     is off; may be null for a refused line
 */
public record HbaRow(
    @Nullable Integer ruleNumber,
    @Nullable String fileName,
    int line,
    @Nullable String type,
    List<String> databases,
    List<String> users,
    @Nullable String address,
    @Nullable String netmask,
    @Nullable String authMethod,
    List<String> options,
    @Nullable String error) {

  public HbaRow {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
    options = List.copyOf(options);
  }

  /** With such a line in it the whole file is refused (hba.c:load_hba). */
  public boolean refused() {
    return type == null;
  }
}

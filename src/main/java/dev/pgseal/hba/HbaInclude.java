package dev.pgseal.hba;

/**
 * A reference from one file to another.
 *
 * @param file file that holds it
 * @param line line that holds it
 * @param reference the path as written
 * @param path the path it means, absolute when {@code file} is
 */
public record HbaInclude(String file, int line, Kind kind, String reference, String path) {

  /** How the other file is used. */
  public enum Kind {
    /** {@code include}: its records come in here (16+). */
    INCLUDE,
    /** {@code include_if_exists}: the same, and nothing when it is absent (16+). */
    INCLUDE_IF_EXISTS,
    /** {@code include_dir}: its {@code *.conf} files in byte order (16+). */
    INCLUDE_DIR,
    /** {@code @file}: its words come into the list. */
    LIST
  }
}

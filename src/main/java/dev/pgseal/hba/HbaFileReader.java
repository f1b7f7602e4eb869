package dev.pgseal.hba;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives the parser the other files of a tree. Paths are absolute when the main file's is; they are
 * joined as PostgreSQL joins them (conffiles.c, AbsoluteConfigLocation).
 */
public interface HbaFileReader {

  /** The content, or null when there is no such file. */
  byte @Nullable [] read(String path);

  /** Names (not paths) of the regular files in a directory, or null when there is no such one. */
  @Nullable List<String> list(String directory);
}

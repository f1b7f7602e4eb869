package dev.pgseal.postgres;

import java.util.ArrayList;
import java.util.List;

/** A path below the data directory, relative to it, without {@code .} and {@code ..}. */
record ServerPath(String relative) {

  /**
   * @param path relative to the data directory, or absolute and below it
   * @throws IllegalArgumentException for any other path: which paths pgseal uses is decided by
   *     pgseal, never by a caller of the API
   */
  static ServerPath inside(String dataDirectory, String path) {
    String root = dataDirectory.endsWith("/") ? dataDirectory : dataDirectory + "/";
    String rest = path;
    if (path.startsWith("/")) {
      if (!path.startsWith(root)) {
        throw new IllegalArgumentException(path + " does not lie in the data directory");
      }
      rest = path.substring(root.length());
    }
    List<String> names = new ArrayList<>();
    for (String name : rest.split("/")) {
      if (name.equals("..") || name.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(path + " does not lie in the data directory");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(path + " is the data directory itself");
    }
    return new ServerPath(String.join("/", names));
  }

  /** Strictly below {@code pgseal/}, which is ours alone. */
  ServerPath requireOurs() {
    if (!relative.startsWith("pgseal/")) {
      throw new IllegalArgumentException(relative + " is not pgseal's");
    }
    return this;
  }
}

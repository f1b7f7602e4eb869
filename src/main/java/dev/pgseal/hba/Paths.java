package dev.pgseal.hba;

import java.util.ArrayDeque;

/** Paths as PostgreSQL joins and tidies them (port/path.c); always with {@code /}. */
final class Paths {

  private Paths() {}

  /** AbsoluteConfigLocation: relative to the directory of the file that names it. */
  static String resolve(String reference, String callingFile) {
    if (reference.startsWith("/")) {
      return reference;
    }
    int slash = callingFile.lastIndexOf('/');
    String parent = slash < 0 ? "" : callingFile.substring(0, slash + 1);
    return canonical(parent + reference);
  }

  static String join(String directory, String name) {
    return canonical(directory + "/" + name);
  }

  private static String canonical(String path) {
    boolean absolute = path.startsWith("/");
    var parts = new ArrayDeque<String>();
    for (String part : path.split("/")) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..") && !parts.isEmpty() && !parts.peekLast().equals("..")) {
        parts.removeLast();
      } else if (!(part.equals("..") && absolute)) {
        parts.addLast(part);
      }
    }
    String joined = String.join("/", parts);
    return absolute ? "/" + joined : joined.isEmpty() ? "." : joined;
  }
}

package dev.pgseal.api;

/** What a thing in a path may be called: as a DNS label (RFC 1123 §2.1), in lower case. */
final class Names {

  static final String PATTERN = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  static final String MESSAGE =
      "must have 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end";

  private Names() {}
}

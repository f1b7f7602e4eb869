package dev.pgseal.api;

/** What a text of a request may consist of: what PostgreSQL can store as {@code text} in UTF-8. */
final class UnicodeText {

  private UnicodeText() {}

  /** Without U+0000 and without halves of surrogate pairs. */
  static boolean isSound(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        return false;
      }
      if (Character.isHighSurrogate(c)) {
        i++;
        if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
          return false;
        }
      }
    }
    return true;
  }
}

package dev.pgseal.certificate;

/**
 * Refuses DER that is nested deeper than any certificate, before a recursive parser sees it: a
 * megabyte of {@code 30 80 30 80 …} would end in a StackOverflowError.
 */
final class DerDepth {

  private static final int MAX_DEPTH = 48;

  private DerDepth() {}

  /**
   * Walks tags and lengths only. An upper bound is enough, so a constructed value of indefinite
   * length simply counts as one level until the end of the input.
   */
  static boolean isBounded(byte[] der) {
    int[] ends = new int[MAX_DEPTH + 1];
    int depth = 0;
    int at = 0;
    while (at < der.length) {
      while (depth > 0 && at >= ends[depth]) {
        depth--;
      }
      boolean constructed = (der[at] & 0x20) != 0;
      int body = afterTag(der, at);
      if (body >= der.length) {
        return true; // cut off: the parser will say so
      }
      int first = der[body] & 0xFF;
      int lengthBytes = first > 0x80 ? first - 0x80 : 0;
      long length = first < 0x80 ? first : length(der, body + 1, lengthBytes);
      int start = body + 1 + lengthBytes;
      long end = first == 0x80 ? der.length : Math.min(der.length, start + length);
      if (constructed) {
        if (depth == MAX_DEPTH) {
          return false;
        }
        ends[++depth] = (int) end;
        at = start;
      } else {
        at = (int) Math.max(start, end);
      }
    }
    return true;
  }

  private static int afterTag(byte[] der, int at) {
    int next = at + 1;
    if ((der[at] & 0x1F) == 0x1F) {
      while (next < der.length && (der[next] & 0x80) != 0) {
        next++;
      }
      next++;
    }
    return next;
  }

  private static long length(byte[] der, int from, int count) {
    long length = 0;
    for (int i = from; i < from + count && i < der.length; i++) {
      length = Math.min(length << 8 | der[i] & 0xFF, Integer.MAX_VALUE);
    }
    return length;
  }
}

package dev.pgseal.api;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The path and query of a request as they came (RFC 9112 §3.2). */
final class RequestTarget {

  private RequestTarget() {}

  /**
   * Whether it is a URI reference (RFC 3986 §4.1) whose percent-encodings are UTF-8, without
   * U+0000. The layers below would answer some others without a word and hand the rest on to
   * PostgreSQL.
   */
  static boolean isSound(String target) {
    try {
      new URI(target);
      return UnicodeText.isSound(decoded(target));
    } catch (URISyntaxException | CharacterCodingException e) {
      return false;
    }
  }

  /** {@code URI} has seen to it that two hexadecimal digits follow each percent sign. */
  private static String decoded(String target) throws CharacterCodingException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(target.length());
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(target, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes.toByteArray()))
        .toString();
  }
}

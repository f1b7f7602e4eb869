package dev.pgseal.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The standard input of a script: each value base64 on a line of its own, then the content, base64
 * in lines of 76 characters.
 */
final class ScriptInput {

  private final StringBuilder text = new StringBuilder();

  ScriptInput header(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A value for a script holds a NUL");
    }
    text.append(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
        .append('\n');
    return this;
  }

  ScriptInput content(byte[] content) {
    text.append(Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(content));
    return this;
  }

  /** Length and SHA-256 as headers, then the content. */
  ScriptInput checkedContent(byte[] content) {
    return header(Integer.toString(content.length))
        .header(Fingerprints.sha256(content))
        .content(content);
  }

  /** All of another input behind what is here. */
  ScriptInput append(ScriptInput rest) {
    text.append(rest.text);
    return this;
  }

  String text() {
    return text.toString();
  }
}

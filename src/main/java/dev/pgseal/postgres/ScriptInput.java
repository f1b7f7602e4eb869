package dev.pgseal.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The standard input of a script: each value on a line of its own, then the content, base64 in
 * lines of 76 characters. A value is base64; one that consists of harmless characters stands as it
 * is behind {@code =}, which costs the server no process to decode it.
 */
final class ScriptInput {

  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._/:,-]*");

  private final StringBuilder text = new StringBuilder();

  ScriptInput header(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A value for a script holds a NUL");
    }
    text.append(
            HARMLESS.matcher(value).matches()
                ? "=" + value
                : Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
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

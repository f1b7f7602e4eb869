package dev.pgseal.posture;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Something about a server that should be otherwise.
 *
 * @param detail what is so
 * @param file on the server, null when it is about no file
 * @param line in the file, from 1
 * @param cure what to do about it
 */
@Schema(name = "PostureFinding")
@JsonIgnoreProperties(ignoreUnknown = true)
public record PostureFinding(
    FindingCode code,
    Severity severity,
    String detail,
    @Nullable String file,
    @Nullable Integer line,
    String cure) {

  /** What a server says may be long. */
  private static final int MOST_CHARACTERS = 600;

  public PostureFinding {
    if (detail.length() > MOST_CHARACTERS) {
      detail = detail.substring(0, MOST_CHARACTERS) + "…";
    }
  }

  static PostureFinding of(FindingCode code, String detail, String cure) {
    return new PostureFinding(code, code.severity(), detail, null, null, cure);
  }

  static PostureFinding at(
      FindingCode code, String detail, String file, @Nullable Integer line, String cure) {
    return new PostureFinding(code, code.severity(), detail, file, line, cure);
  }
}

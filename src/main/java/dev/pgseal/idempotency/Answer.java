package dev.pgseal.idempotency;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * An HTTP answer as it was given.
 *
 * @param headers Content-Type too; none of the connection
 * @param body empty when there was none
 */
public record Answer(int status, Map<String, List<String>> headers, byte[] body) {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  byte[] toBytes() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Answer of(byte[] bytes) {
    try {
      return JSON.readValue(bytes, Answer.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the body, which may be a secret. */
  @Override
  public String toString() {
    return "Answer[status=" + status + ", bytes=" + body.length + "]";
  }
}

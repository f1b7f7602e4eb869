package dev.pgseal.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/** A SHA-256 that is the same for requests with the same method, path, query and body. */
final class RequestFingerprint {

  private RequestFingerprint() {}

  static byte[] of(ContainerRequestContext request, byte[] body) {
    URI uri = request.getUriInfo().getRequestUri();
    MessageDigest digest = sha256();
    add(digest, text(request.getMethod()));
    add(digest, text(uri.getRawPath()));
    add(digest, text(Objects.requireNonNullElse(uri.getRawQuery(), "")));
    add(digest, body);
    return digest.digest();
  }

  /** With its length, so that nothing can move from one part to the next. */
  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
    digest.update(part);
  }

  private static byte[] text(String part) {
    return part.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

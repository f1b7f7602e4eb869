package dev.pgseal.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Spoils files of keys and certificates as transport, tools and attackers do; not thread-safe. */
public final class Damage {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----\\s*");

  /** Headers of the outer structures are where a parser can be led astray. */
  private static final int HEADERS = 40;

  private final Random random;

  public Damage(long seed) {
    this.random = new Random(seed);
  }

  /** PEM: one in four spoiled as text, the others inside their blocks. */
  public String pem(String text) {
    return random.nextInt(4) == 0 ? text(text) : BLOCK.matcher(text).replaceAll(this::block);
  }

  /** Characters replaced, lost, added, or repeated, or an early end. */
  public String text(String text) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0 && damaged.length() > 0; i--) {
      int at = random.nextInt(damaged.length());
      switch (random.nextInt(5)) {
        case 0 -> damaged.setCharAt(at, (char) random.nextInt(128));
        case 1 -> damaged.deleteCharAt(at);
        case 2 -> damaged.insert(at, (char) random.nextInt(0xFFFF));
        case 3 -> damaged.setLength(at);
        default -> damaged.insert(at, damaged.substring(0, at));
      }
    }
    return damaged.toString();
  }

  /** DER: one in ten cut short, the others with one to three octets changed. */
  public byte[] file(byte[] original) {
    return random.nextInt(10) == 0
        ? Arrays.copyOf(original, random.nextInt(original.length))
        : octets(original);
  }

  private byte[] octets(byte[] original) {
    byte[] der = original.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? der.length : Math.min(HEADERS, der.length));
      der[at] = (byte) (random.nextBoolean() ? random.nextInt() : der[at] ^ 1 << random.nextInt(8));
    }
    return der;
  }

  private String block(MatchResult block) {
    byte[] der = octets(Base64.getMimeDecoder().decode(block.group(2)));
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    String label = block.group(1);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label);
  }
}

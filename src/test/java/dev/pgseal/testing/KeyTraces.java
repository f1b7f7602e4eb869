package dev.pgseal.testing;

import static java.util.stream.Collectors.joining;

import dev.pgseal.certificate.Pem;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Finds pieces of private keys in what should hold none.
 *
 * <p>Searched for is the secret part alone (the scalar of EC, exponents and primes of RSA, the seed
 * of Ed25519), as the rest of a key's DER stands in its certificate too: any 16 bytes of it as they
 * are in DER, in hex (which is how bytea is shown) and, at least 18 bytes, in base64 at whichever
 * offset; and any such piece of its PEM text in hex or in base64 again, which is how files travel.
 * White space and {@code \n}, {@code \r}, {@code \t} are left out of account, as logs and JSON
 * break lines.
 */
public final class KeyTraces {

  private static final int WINDOW = 16;
  private static final int BASE64_WINDOW = 24;
  private static final int PREFIX = Long.BYTES;
  private static final int LONG = 128;
  private static final int FILTER_BITS = 20;

  private final Map<Long, List<Needle>> needles = new HashMap<>();
  private final BitSet prefixes = new BitSet(1 << FILTER_BITS);
  private final Map<BigInteger, String> names = new HashMap<>();

  private record Needle(String of, String form, byte[] bytes) {
    boolean isAt(byte[] text, int start) {
      int end = start + bytes.length;
      return end <= text.length && Arrays.equals(text, start, end, bytes, 0, bytes.length);
    }
  }

  /**
   * A key to look for; one that is known already keeps its first name.
   *
   * @param pem one private key, not encrypted
   * @return the same
   */
  public KeyTraces add(String name, String pem) {
    PrivateKey key = Pem.privateKey(pem, null).privateKey();
    List<byte[]> secrets = secrets(key);
    if (names.putIfAbsent(new BigInteger(1, secrets.get(0)), name) == null) {
      secrets.forEach(secret -> addSecret(name, secret));
      addPemText(name, pem, secrets);
    }
    return this;
  }

  /** A passphrase or the like, of at least 8 characters, looked for as a whole. */
  public KeyTraces addText(String name, String text) {
    add(name, "text", text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Names of the keys looked for. */
  public List<String> keys() {
    return names.values().stream().sorted().toList();
  }

  public List<String> in(String text) {
    return in(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Each key found with the form it was found in, once. */
  public List<String> in(byte[] bytes) {
    TreeSet<String> found = new TreeSet<>();
    search(bytes, found);
    search(joined(bytes), found);
    return List.copyOf(found);
  }

  private void search(byte[] text, TreeSet<String> found) {
    long prefix = 0;
    for (int end = 1; end <= text.length; end++) {
      prefix = prefix << Byte.SIZE | text[end - 1] & 0xff;
      if (end >= PREFIX && prefixes.get(slot(prefix))) {
        int start = end - PREFIX;
        needles.getOrDefault(prefix, List.of()).stream()
            .filter(needle -> needle.isAt(text, start))
            .forEach(needle -> found.add(needle.of() + " in " + needle.form()));
      }
    }
  }

  /** Without white space and the escapes for it. */
  private static byte[] joined(byte[] text) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream(text.length);
    for (int i = 0; i < text.length; i++) {
      boolean escape =
          text[i] == '\\' && i + 1 < text.length && "nrt".indexOf((char) text[i + 1]) >= 0;
      if (escape) {
        i++;
      } else if (text[i] > ' ' || text[i] < 0) {
        joined.write(text[i]);
      }
    }
    return joined.toByteArray();
  }

  private static List<byte[]> secrets(PrivateKey key) {
    if (key instanceof ECPrivateKey ec) {
      int size = (ec.getParams().getOrder().bitLength() + 7) / 8;
      return List.of(unsigned(ec.getS(), size));
    }
    if (key instanceof RSAPrivateCrtKey rsa) {
      int half = (rsa.getModulus().bitLength() + 15) / 16;
      return List.of(
          unsigned(rsa.getPrivateExponent(), 2 * half),
          unsigned(rsa.getPrimeP(), half),
          unsigned(rsa.getPrimeQ(), half),
          unsigned(rsa.getPrimeExponentP(), half),
          unsigned(rsa.getPrimeExponentQ(), half),
          unsigned(rsa.getCrtCoefficient(), half));
    }
    if (key instanceof EdECPrivateKey edwards) {
      return List.of(edwards.getBytes().orElseThrow());
    }
    throw new IllegalArgumentException(key.getAlgorithm());
  }

  private static byte[] unsigned(BigInteger number, int size) {
    byte[] bytes = number.toByteArray();
    byte[] unsigned = new byte[size];
    int length = Math.min(bytes.length, size);
    System.arraycopy(bytes, bytes.length - length, unsigned, size - length, length);
    return unsigned;
  }

  private void addSecret(String name, byte[] secret) {
    int step = secret.length > LONG ? PREFIX : 1;
    for (int i = 0; i + WINDOW <= secret.length; i += step) {
      add(name, "DER", Arrays.copyOfRange(secret, i, i + WINDOW));
    }
    addEncoded(name, "", secret);
  }

  /** The piece of the PEM text that holds a secret, encoded once more. */
  private void addPemText(String name, String pem, List<byte[]> secrets) {
    String body = pem.lines().filter(line -> !line.startsWith("-----")).collect(joining());
    byte[] der = Base64.getDecoder().decode(body);
    int[] places = places(pem);
    for (byte[] secret : secrets) {
      int start = indexOf(der, secret);
      int from = places[(start + 2) / 3 * 4];
      int to = places[(start + secret.length) / 3 * 4 - 1] + 1;
      addEncoded(name, " of PEM", ascii(pem.substring(from, to)));
    }
  }

  /** Where in the PEM text each character of its base64 stands. */
  private static int[] places(String pem) {
    int body = pem.indexOf('\n') + 1;
    int end = pem.indexOf("-----END");
    return IntStream.range(body, end).filter(i -> pem.charAt(i) > ' ').toArray();
  }

  private static int indexOf(byte[] der, byte[] secret) {
    // numbers lose their leading zeros in DER, so a tail of the secret will do
    for (int cut = 0; cut < WINDOW; cut++) {
      byte[] tail = Arrays.copyOfRange(secret, cut, secret.length);
      for (int i = 0; i + tail.length <= der.length; i++) {
        if (Arrays.equals(der, i, i + tail.length, tail, 0, tail.length)) {
          return i - cut;
        }
      }
    }
    throw new IllegalArgumentException("The secret does not stand in its own DER");
  }

  private void addEncoded(String name, String of, byte[] bytes) {
    int step = bytes.length > LONG ? PREFIX : 1;
    for (int i = 0; i + WINDOW <= bytes.length; i += step) {
      String hex = HexFormat.of().formatHex(bytes, i, i + WINDOW);
      add(name, "hex" + of, ascii(hex));
      add(name, "hex" + of, ascii(hex.toUpperCase(Locale.ROOT)));
    }
    for (int offset = 0; offset < 3; offset++) {
      int whole = (bytes.length - offset) / 3 * 3;
      String text =
          Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, offset, offset + whole));
      for (int i = 0; i + BASE64_WINDOW <= text.length(); i += 4) {
        add(name, "base64" + of, ascii(text.substring(i, i + BASE64_WINDOW)));
      }
    }
  }

  private void add(String name, String form, byte[] bytes) {
    long prefix = 0;
    for (int i = 0; i < PREFIX; i++) {
      prefix = prefix << Byte.SIZE | bytes[i] & 0xff;
    }
    prefixes.set(slot(prefix));
    needles.computeIfAbsent(prefix, p -> new ArrayList<>()).add(new Needle(name, form, bytes));
  }

  private static int slot(long prefix) {
    return (int) (prefix * 0x9E3779B97F4A7C15L >>> Long.SIZE - FILTER_BITS);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.pgseal.hba;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Byte texts and readable texts.
 *
 * <p>A byte text holds one byte per character (ISO_8859_1) so that any file survives. A readable
 * text is what a person or a JSON document holds; it stands for its UTF-8 bytes, as in the startup
 * packet of a client whose encoding is UTF-8.
 */
public final class HbaText {

  /** Bytes of a name in a startup packet that PostgreSQL keeps (NAMEDATALEN - 1). */
  static final int NAME_BYTES = 63;

  private HbaText() {}

  public static String ofBytes(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  public static byte[] toBytes(String byteText) {
    return byteText.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The byte text of a readable text: its UTF-8 bytes. */
  public static String ofReadable(String readable) {
    return ofBytes(readable.getBytes(StandardCharsets.UTF_8));
  }

  /** Decoded as UTF-8 when the bytes are that, else unchanged (each byte shown as Latin-1). */
  public static String toReadable(String byteText) {
    if (isAscii(byteText)) {
      return byteText;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(toBytes(byteText)))
          .toString();
    } catch (CharacterCodingException notUtf8) {
      return byteText;
    }
  }

  /**
   * A piece of a file for people, as {@link #toReadable}, without the passwords and shared secrets
   * in it: what goes into problems, jobs and logs.
   */
  public static String toShown(String byteText) {
    return HbaMask.of(toReadable(byteText));
  }

  /** The beginning of a text that is longer than that, with a mark. */
  public static String shortened(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + "…";
  }

  /**
   * A database or user name as the server sees it: UTF-8 bytes, cut to 63 (backend_startup.c,
   * ProcessStartupPacket). Names in the file are never cut.
   */
  static String ofClientName(String readable) {
    String bytes = ofReadable(readable);
    return bytes.length() > NAME_BYTES ? bytes.substring(0, NAME_BYTES) : bytes;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }
}

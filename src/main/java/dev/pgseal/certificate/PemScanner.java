package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a PEM text into its blocks, strictly enough that every mistake can be named with its line.
 *
 * <p>Text between blocks is left out (openssl writes "Bag Attributes" there), as are a byte order
 * mark and carriage returns; OpenSSL 1.1.1 as a server refuses the first.
 */
final class PemScanner {

  /** No chain or bundle comes near; more is somebody trying what happens. */
  static final int MAX_CHARACTERS = 1 << 20;

  static final int MAX_BLOCKS = 100;

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private final List<PemBlock> blocks = new ArrayList<>();
  private @Nullable Open open;

  private PemScanner() {}

  /** The blocks in order; empty when there is none. */
  static List<PemBlock> scan(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw CertificateProblems.invalid(
          "The PEM text has "
              + text.length()
              + " characters, at most "
              + MAX_CHARACTERS
              + " are read");
    }
    PemScanner scanner = new PemScanner();
    int number = 0;
    for (String line : withoutByteOrderMark(text).split("\r\n|\n|\r", -1)) {
      number++;
      scanner.line(line.strip(), number);
    }
    scanner.end();
    return scanner.blocks;
  }

  private void line(String line, int number) {
    if (line.startsWith(BEGIN)) {
      begin(line, number);
    } else if (line.startsWith(END)) {
      finish(line, number);
    } else if (open != null) {
      open.add(line, number);
    }
  }

  private void begin(String line, int number) {
    if (open != null) {
      throw CertificateProblems.invalid(
              "Line " + number + ": a block begins before " + open.where() + " has ended")
          .hint("Each -----BEGIN line needs its -----END line; part of the text may be missing.")
          .with("line", number);
    }
    if (blocks.size() == MAX_BLOCKS) {
      throw CertificateProblems.invalid("The PEM text has more than " + MAX_BLOCKS + " blocks");
    }
    open = new Open(label(line, BEGIN, number), number);
  }

  private void finish(String line, int number) {
    String label = label(line, END, number);
    if (open == null) {
      throw CertificateProblems.invalid("Line " + number + ": END " + label + " without its BEGIN")
          .with("line", number);
    }
    if (!open.label.equals(label)) {
      throw CertificateProblems.invalid(
              "Line " + number + ": " + open.where() + " is ended as " + label)
          .with("line", number);
    }
    blocks.add(open.close());
    open = null;
  }

  private void end() {
    if (open != null) {
      throw CertificateProblems.invalid(
              "The text ends inside " + open.where() + ": its END line is missing")
          .hint("The text was cut off; send the whole file, with its line breaks (\\n in JSON).")
          .with("line", open.line);
    }
  }

  private static String label(String line, String marker, int number) {
    if (line.length() < marker.length() + DASHES.length() || !line.endsWith(DASHES)) {
      throw markerBroken(number);
    }
    String label = line.substring(marker.length(), line.length() - DASHES.length());
    // a short, plain label is all that is ever repeated in a message
    if (!label.matches("[A-Z0-9 ]{1,40}")) {
      throw markerBroken(number);
    }
    return label;
  }

  private static PgsealException markerBroken(int number) {
    return CertificateProblems.invalid(
            "Line " + number + ": not a PEM marker of the form -----BEGIN CERTIFICATE-----")
        .hint("Markers stand on lines of their own; send line breaks as \\n in JSON.")
        .with("line", number);
  }

  private static String withoutByteOrderMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** A block whose END has not come yet. */
  private static final class Open {

    private final String label;
    private final int line;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder base64 = new StringBuilder();
    private boolean headers;
    private boolean inHeaders;

    Open(String label, int line) {
      this.label = label;
      this.line = line;
      text.append(BEGIN).append(label).append(DASHES).append('\n');
    }

    void add(String content, int number) {
      text.append(content).append('\n');
      if (base64.isEmpty() && content.indexOf(':') > 0) {
        headers = true;
        inHeaders = true;
      } else if (inHeaders) {
        inHeaders = !content.isEmpty(); // a header may be folded; an empty line ends them
      } else {
        addBase64(content, number);
      }
    }

    private void addBase64(String content, int number) {
      for (int i = 0; i < content.length(); i++) {
        char c = content.charAt(i);
        boolean valid =
            c >= 'A' && c <= 'Z'
                || c >= 'a' && c <= 'z'
                || c >= '0' && c <= '9'
                || "+/=".indexOf(c) >= 0;
        if (!valid) {
          throw CertificateProblems.invalid(
                  "Line "
                      + number
                      + ", column "
                      + (i + 1)
                      + ": not a base64 character in "
                      + where())
              .with("line", number)
              .with("column", i + 1);
        }
      }
      base64.append(content);
    }

    PemBlock close() {
      byte[] der;
      try {
        der = Base64.getDecoder().decode(base64.toString());
      } catch (IllegalArgumentException e) {
        // the cause is dropped: it may repeat characters of the content
        throw CertificateProblems.invalid("The base64 of " + where() + " is damaged")
            .hint("Characters are missing or doubled; copy the block again.")
            .with("line", line);
      }
      if (der.length == 0) {
        throw CertificateProblems.invalid("There is nothing in " + where()).with("line", line);
      }
      text.append(END).append(label).append(DASHES).append('\n');
      return new PemBlock(label, line, headers, text.toString(), der);
    }

    String where() {
      return "the " + label + " block that begins in line " + line;
    }
  }
}

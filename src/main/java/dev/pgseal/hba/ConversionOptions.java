package dev.pgseal.hba;

/**
 * How a conversion treats what is not plainly a matter of TLS.
 *
 * @param gss what becomes of GSSAPI-encrypted clients
 * @param loopback what becomes of plaintext from 127.0.0.0/8 and ::1
 * @param strategy how plaintext is shut out
 * @param hostnossl what becomes of a {@code hostnossl} line that admits and that {@code REWRITE}
 *     has no other use for
 */
public record ConversionOptions(
    Gss gss, Loopback loopback, Strategy strategy, Hostnossl hostnossl) {

  public static final ConversionOptions DEFAULT =
      new ConversionOptions(Gss.DROP, Loopback.ENFORCE, Strategy.REWRITE, Hostnossl.COMMENT_OUT);

  /** What becomes of GSSAPI-encrypted clients that {@code host} lets in. */
  public enum Gss {
    /** {@code hostssl} does not let them in; {@code hostgssenc} lines stay. */
    DROP,
    /** A {@code hostgssenc} line of the same meaning is added. */
    KEEP
  }

  /** What becomes of plaintext that never leaves the host. */
  public enum Loopback {
    ENFORCE,
    /** A rule that covers loopback and more is split, so that loopback alone stays as it was. */
    KEEP
  }

  /** How plaintext is shut out. */
  public enum Strategy {
    /** Each admitting line is changed. */
    REWRITE,
    /**
     * A rejecting line is put above all others, which stay as they are; above it come copies of the
     * rules for what is kept.
     */
    GUARD
  }

  /** What becomes of a {@code hostnossl} line that admits: it can never match TLS. */
  public enum Hostnossl {
    /** It stays as a comment that says why. */
    COMMENT_OUT,
    REMOVE
  }

  public ConversionOptions withGss(Gss policy) {
    return new ConversionOptions(policy, loopback, strategy, hostnossl);
  }

  public ConversionOptions withLoopback(Loopback policy) {
    return new ConversionOptions(gss, policy, strategy, hostnossl);
  }

  public ConversionOptions withStrategy(Strategy other) {
    return new ConversionOptions(gss, loopback, other, hostnossl);
  }

  public ConversionOptions withHostnossl(Hostnossl policy) {
    return new ConversionOptions(gss, loopback, strategy, policy);
  }
}

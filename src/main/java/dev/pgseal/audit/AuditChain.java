package dev.pgseal.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The chain, computed anew: what {@code audit_append} of the control database does in SQL. */
public final class AuditChain {

  private static final String BEFORE_THE_FIRST = "pgseal audit";

  private final MessageDigest sha256;
  private byte[] hash;

  public AuditChain() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
    hash = sha256.digest(BEFORE_THE_FIRST.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds an entry, exactly as it is stored. */
  public void add(String entry) {
    sha256.update(hash);
    hash = sha256.digest(entry.getBytes(StandardCharsets.UTF_8));
  }

  public boolean endsWith(byte[] stored) {
    return MessageDigest.isEqual(hash, stored);
  }

  /** Lower-case hex. */
  public String hash() {
    return HexFormat.of().formatHex(hash);
  }
}

package dev.pgseal.posture;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The findings of a server in one letter. */
@Schema(name = "PostureGrade")
public enum Grade {
  /** Nothing was found that weighs. */
  A,
  /** {@code LOW} at most. */
  B,
  /** {@code MEDIUM} at most. */
  C,
  /** One kind of {@code HIGH}. */
  D,
  /** Several kinds of {@code HIGH}. */
  E,
  /** {@code CRITICAL}. */
  F,
  /** The server could not be looked at: no better than F until it was. */
  UNKNOWN;

  private static final Set<FindingCode> BLIND =
      Set.of(FindingCode.UNREACHABLE, FindingCode.NOT_SCANNED, FindingCode.SCAN_FAILED);

  /**
   * Depends on the findings' codes alone. How often one was found does not count: ten rules that
   * admit plaintext are as open as one.
   */
  public static Grade of(Collection<PostureFinding> findings) {
    Set<FindingCode> codes =
        findings.stream().map(PostureFinding::code).collect(Collectors.toSet());
    if (codes.stream().anyMatch(BLIND::contains)) {
      return UNKNOWN;
    }
    if (count(codes, Severity.CRITICAL) > 0) {
      return F;
    }
    long high = count(codes, Severity.HIGH);
    if (high > 0) {
      return high == 1 ? D : E;
    }
    if (count(codes, Severity.MEDIUM) > 0) {
      return C;
    }
    return count(codes, Severity.LOW) > 0 ? B : A;
  }

  private static long count(Set<FindingCode> codes, Severity severity) {
    return codes.stream().filter(code -> code.severity() == severity).count();
  }
}

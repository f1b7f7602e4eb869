package dev.pgseal.problem;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal that a caller can act on: its {@link #type()}, a sentence that says what is wrong and
 * where, and extension members ({@code hint}, {@code line}, {@code server} …; RFC 9457 §3.2).
 *
 * <p>Neither the sentence nor a member may hold a secret: both reach callers and logs.
 */
public final class PgsealException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ProblemType type;
  private final transient Map<String, Object> members = new LinkedHashMap<>();

  public PgsealException(ProblemType type, String detail) {
    this(type, detail, null);
  }

  public PgsealException(ProblemType type, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.type = type;
  }

  /** Adds the sentence that tells the caller how to mend it. */
  public PgsealException hint(String hint) {
    return with("hint", hint);
  }

  /** Adds an extension member; the value must be something Jackson writes as plain JSON. */
  public PgsealException with(String member, Object value) {
    members.put(member, value);
    return this;
  }

  public ProblemType type() {
    return type;
  }

  public String detail() {
    return getMessage();
  }

  public Map<String, Object> members() {
    return Map.copyOf(members);
  }
}

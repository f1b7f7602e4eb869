package dev.pgseal.acme;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.exception.AcmeUserActionRequiredException;

/** Tells what went wrong with a CA outside, in its own words where it has any. */
final class AcmeFaults {

  /** Of a text that came from outside. */
  private static final int MAX_TEXT = 500;

  private static final int MAX_SUBPROBLEMS = 100;

  private AcmeFaults() {}

  /** Something that is asked of a CA. */
  interface Question<T> {
    T ask() throws AcmeException;
  }

  /**
   * @param what is asked for, to stand after "would not" or "to"
   * @throws PgsealException {@code ISSUER_FAULT}
   */
  static <T> T asking(URI directory, String what, Question<T> question) {
    try {
      return question.ask();
    } catch (AcmeException e) {
      throw of(directory, what, e);
    } catch (AcmeLazyLoadingException e) {
      throw e.getCause() instanceof AcmeException cause
          ? of(directory, what, cause)
          : strange(directory, e);
    } catch (AcmeProtocolException e) {
      throw strange(directory, e);
    }
  }

  /** An order, an authorization or a challenge that the CA declared invalid. */
  static PgsealException refused(URI directory, String what, Optional<Problem> reason) {
    return reason
        .map(problem -> refused(directory, what, problem))
        .orElseGet(
            () ->
                fault("The CA %s would not %s, without a reason".formatted(name(directory), what)));
  }

  static PgsealException fault(String detail) {
    return new PgsealException(ProblemType.ISSUER_FAULT, detail);
  }

  /** How the CA is called in a sentence. */
  static String name(URI directory) {
    return directory.getRawAuthority();
  }

  private static PgsealException of(URI directory, String what, AcmeException e) {
    if (e instanceof AcmeServerException refusal) {
      return refusal(directory, what, refusal);
    }
    if (e instanceof AcmeNetworkException && e.getCause() instanceof IOException cause) {
      return unreachable(directory, cause);
    }
    return strange(directory, e);
  }

  private static PgsealException refusal(URI directory, String what, AcmeServerException e) {
    PgsealException refused = refused(directory, what, e.getProblem());
    if (e instanceof AcmeRateLimitedException limit) {
      limit.getRetryAfter().ifPresent(when -> refused.with("retryAfter", when.toString()));
      return refused.hint("The CA limits how often it is asked; try again later.");
    }
    if (e instanceof AcmeUserActionRequiredException action) {
      return refused.hint("Whoever owns the account must act: see " + action.getInstance());
    }
    return refused;
  }

  private static PgsealException refused(URI directory, String what, Problem problem) {
    return fault(
            "The CA %s would not %s: %s"
                .formatted(name(directory), what, sentence(problem, problem.getSubProblems())))
        .with("issuerProblem", describe(problem, problem.getSubProblems()));
  }

  private static String sentence(Problem problem, List<Problem> below) {
    StringBuilder text = new StringBuilder(text(problem));
    for (Problem one : below.subList(0, Math.min(3, below.size()))) {
      text.append("; ");
      one.getIdentifier().ifPresent(name -> text.append(brief(name.getValue())).append(": "));
      text.append(text(one));
    }
    return text.toString();
  }

  private static String text(Problem problem) {
    return problem
        .getDetail()
        .or(problem::getTitle)
        .map(AcmeFaults::brief)
        .orElseGet(() -> brief(problem.getType().toString()));
  }

  /** The problem document of RFC 8555 §6.7, as far as it is known what its members mean. */
  private static Map<String, Object> describe(Problem problem, List<Problem> below) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", brief(problem.getType().toString()));
    problem.getDetail().ifPresent(detail -> members.put("detail", brief(detail)));
    problem
        .getIdentifier()
        .ifPresent(identifier -> members.put("identifier", brief(identifier.getValue())));
    if (!below.isEmpty()) {
      members.put(
          "subproblems",
          below.stream().limit(MAX_SUBPROBLEMS).map(one -> describe(one, List.of())).toList());
    }
    return members;
  }

  private static PgsealException unreachable(URI directory, IOException cause) {
    PgsealException fault =
        new PgsealException(
            ProblemType.ISSUER_FAULT,
            "The CA %s cannot be reached: %s".formatted(name(directory), message(cause)),
            cause);
    return cause instanceof SSLException
        ? fault.hint("Give the roots that verify the TLS of its directory, if they are private.")
        : fault.hint("Check the directory's URL and whether this host may connect there.");
  }

  private static PgsealException strange(URI directory, Exception e) {
    return new PgsealException(
            ProblemType.ISSUER_FAULT,
            "The CA %s answered what is not ACME: %s".formatted(name(directory), message(e)),
            e)
        .hint("Check that the URL is that of an ACME directory (RFC 8555).");
  }

  private static String message(Throwable e) {
    @Nullable String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : brief(message);
  }

  private static String brief(String text) {
    String printable = text.replaceAll("\\p{Cntrl}+", " ");
    return printable.length() > MAX_TEXT ? printable.substring(0, MAX_TEXT) + "…" : printable;
  }
}

package dev.pgseal.job;

import java.util.List;
import java.util.Optional;

/**
 * Who asks for something that must not be done alone.
 *
 * @param name the caller's name
 * @param madeBy the callers who made the token it came with: its maker, the maker's maker and so
 *     on, as it was when the token was made; empty where nobody of ours did
 */
public record Requester(String name, List<String> madeBy) {

  public Requester {
    madeBy = List.copyOf(madeBy);
  }

  /** Somebody without a token of ours, or pgseal itself. */
  public static Requester of(String name) {
    return new Requester(name, List.of());
  }

  /**
   * Why this is no second pair of eyes beside the other one: the same caller, or one of the two has
   * made the other, directly or not.
   *
   * @return a sentence; empty when nothing is known against it
   */
  public Optional<String> sameHandsAs(Requester other) {
    if (name.equals(other.name)) {
      return Optional.of(name + " asked for it");
    }
    if (madeBy.contains(other.name)) {
      return Optional.of("The token " + name + " was made by " + other.name + ", who asked for it");
    }
    if (other.madeBy.contains(name)) {
      return Optional.of(
          "It was asked for with the token " + other.name + ", which " + name + " made");
    }
    return Optional.empty();
  }
}
